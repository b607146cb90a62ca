#include "session/saved_session.hpp"

#include "wire/writer.hpp"

namespace quivive::sessions {

namespace {

/// Version 2 ends with the record size limit. A session in version 1 has no record size limit.
constexpr std::uint64_t version = 2, version_without_size_limit = 1;

/// Counts the bytes that a `wire::writer` would write.
class size_counter {
public:
    void integer(std::uint64_t, std::size_t width) noexcept { size_ += width; }
    void raw(wire::bytes data) noexcept { size_ += data.size(); }
    void vector(wire::bytes data, std::size_t width) noexcept { size_ += width + data.size(); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::size_t size_ = 0;
};

/// Writes the members of a `saved_session`; `session_reader` below reads them in the same order. `Out` is a
/// `wire::writer` or `size_counter`.
template <typename Out>
class session_writer {
public:
    explicit session_writer(Out& out) noexcept : out_{out} {}

    void add(std::uint64_t value, std::size_t width) { out_.integer(value, width); }
    void add(wire::bytes bytes) { out_.vector(bytes, 4); }
    void add(const std::string& text) { add(wire::as_bytes(text)); }
    void add(const wire::endpoint& end)
    {
        out_.raw(end.address);
        add(end.port, 2);
        add(end.scope, 4);
    }
    void add(const record::direction_keys& keys, record::cipher cipher)
    {
        add(keys.key(cipher));
        add(wire::bytes{keys.iv()});
    }
    void add_raw(wire::bytes bytes) { out_.raw(bytes); }

private:
    Out& out_;
};

class session_reader {
public:
    explicit session_reader(wire::bytes bytes) noexcept : in_{bytes} {}

    [[nodiscard]] bool good() const noexcept { return good_ && in_.ok() && in_.done(); }
    [[nodiscard]] bool exhausted() const noexcept { return in_.done() || !in_.ok(); }
    void refuse() noexcept { good_ = false; }

    std::uint64_t number(std::size_t width) noexcept { return in_.integer(width); }
    bool flag() noexcept { return number(1) != 0; }
    wire::bytes bytes() noexcept { return in_.vector(4); }
    std::vector<std::byte> octets()
    {
        const auto view = bytes();
        return {view.begin(), view.end()};
    }
    std::string text() { return std::string{wire::as_text(bytes())}; }
    wire::endpoint endpoint() noexcept
    {
        wire::endpoint end;
        raw(end.address);
        end.port = static_cast<std::uint16_t>(number(2));
        end.scope = static_cast<std::uint32_t>(number(4));
        return end;
    }
    record::direction_keys keys(const record::cipher_traits& traits) noexcept
    {
        const auto key = bytes(), iv = bytes();
        if (key.size() != traits.key_size || iv.size() != 12) refuse();
        return {key, iv};
    }
    template <typename Id>
    Id id() noexcept
    {
        const auto view = bytes();
        if (view.size() <= Id::max_size) return Id{view};
        refuse();
        return {};
    }
    void raw(std::span<std::byte> out) noexcept { wire::copy(in_.take(out.size()), out); }

private:
    wire::reader in_;
    bool good_ = true;
};

template <typename Out>
void add_keys(session_writer<Out>& out, const record::session_keys& keys)
{
    out.add(static_cast<std::uint64_t>(keys.cipher), 1);
    out.add(keys.read, keys.cipher);
    out.add(keys.write, keys.cipher);
    for (const auto number :
         {keys.next_write, keys.window.newest(), keys.window.seen(), keys.blocks, keys.forgeries})
        out.add(number, 8);
}

record::session_keys read_keys(session_reader& in)
{
    record::session_keys keys;
    const auto cipher = in.number(1);
    if (cipher >= record::all_ciphers.size()) in.refuse();
    keys.cipher = static_cast<record::cipher>(cipher % record::all_ciphers.size());
    const auto traits = record::traits_of(keys.cipher);
    keys.read = in.keys(traits);
    keys.write = in.keys(traits);
    keys.next_write = in.number(8);
    const auto newest = in.number(8), seen = in.number(8);
    // Records after a handshake have epoch 1 and sequence numbers of 48 bits. With other values the session
    // would be imported, but one side would accept no records of the other.
    if (keys.next_write >> 48 != 1 || newest >> 48 != 0) in.refuse();
    keys.window = record::replay_window::restored(newest, seen);
    keys.blocks = in.number(8);
    keys.forgeries = in.number(8);
    return keys;
}

/// Refuses a limit that cannot be negotiated (RFC 8449 4): nothing could be sent with it, or too much.
std::uint16_t read_size_limit(session_reader& in)
{
    constexpr std::uint64_t least = 64;
    const auto limit = in.number(2);
    if (limit < least || limit > wire::max_record_plaintext) in.refuse();
    return static_cast<std::uint16_t>(limit);
}

/// Kinds of keying material. 2: none, because there is no extended master secret.
constexpr std::uint64_t no_keying = 0, some_keying = 1, keying_without_ems = 2;

template <typename Out>
void add_keying(session_writer<Out>& out, const keying_material* keying)
{
    out.add(!keying ? no_keying : keying->error ? keying_without_ems : some_keying, 1);
    if (!keying) return;
    out.add(keying->exported.size(), 4);
    for (const auto& one : keying->exported) out.add(wire::bytes{one.bytes()});
    out.add(keying->srtp_profile);
    out.add(wire::bytes{keying->srtp_keys.bytes()});
}

std::shared_ptr<const keying_material> read_keying(session_reader& in)
{
    const auto kind = in.number(1);
    if (kind == no_keying) return nullptr;
    if (kind > keying_without_ems) in.refuse();
    auto keying = std::make_shared<keying_material>();
    if (kind == keying_without_ems) keying->error = errc::no_extended_master_secret;
    auto left = in.number(4);
    for (; left > 0 && !in.exhausted(); --left) keying->exported.emplace_back(in.octets());
    if (left > 0) in.refuse();  // fewer elements than counted
    keying->srtp_profile = in.text();
    keying->srtp_keys = secret{in.octets()};
    return keying;
}

template <typename Out>
void add_facts(session_writer<Out>& out, const tls::handshake_facts& facts)
{
    for (const auto* text : {&facts.protocol, &facts.cipher_suite, &facts.server_name, &facts.alpn,
                             &facts.psk_identity, &facts.peer_pin, &facts.peer_subject})
        out.add(*text);
    out.add(facts.resumed, 1);
    out.add(facts.connection_id, 1);
    out.add(wire::bytes{facts.application});
    add_keying(out, facts.keying.get());
}

tls::handshake_facts read_facts(session_reader& in)
{
    tls::handshake_facts facts;
    for (auto* text : {&facts.protocol, &facts.cipher_suite, &facts.server_name, &facts.alpn,
                       &facts.psk_identity, &facts.peer_pin, &facts.peer_subject})
        *text = in.text();
    facts.resumed = in.flag();
    facts.connection_id = in.flag();
    facts.application = in.octets();
    facts.keying = read_keying(in);
    return facts;
}

template <typename Out>
void write(Out& to, const saved_session& saved)
{
    session_writer out{to};
    out.add(version, 1);
    out.add(saved.path.local);
    out.add(saved.path.peer);
    out.add(saved.shard, 4);
    add_keys(out, saved.keys);
    out.add(saved.ids.has_value(), 1);
    if (saved.ids) {
        out.add(saved.ids->own.value());
        out.add(saved.ids->peers.value());
        out.add(saved.ids->checks_paths, 1);
    }
    add_facts(out, saved.facts);
    out.add(saved.validated, 1);
    out.add_raw(saved.client_random_digest);
    out.add(wire::bytes{saved.last_flight});
    out.add(static_cast<std::uint64_t>(saved.flight_kept.count()), 8);
    out.add(saved.unread.size(), 4);
    for (const auto& message : saved.unread) out.add(wire::bytes{message});
    out.add(saved.keys.size_limit, 2);
}

}  // namespace

std::vector<std::byte> encode(const saved_session& saved)
{
    size_counter measured;
    write(measured, saved);
    wire::writer out;
    out.reserve(measured.size());  // a reallocation would leave a copy of the keys in freed memory
    write(out, saved);
    return out.take();
}

std::optional<saved_session> decode(wire::bytes bytes)
{
    session_reader in{bytes};
    saved_session saved;
    const auto written_as = in.number(1);
    if (written_as != version && written_as != version_without_size_limit) return std::nullopt;
    saved.path.local = in.endpoint();
    saved.path.peer = in.endpoint();
    saved.shard = static_cast<std::uint32_t>(in.number(4));
    saved.keys = read_keys(in);
    if (in.flag()) {
        auto& ids = saved.ids.emplace();
        ids.own = in.id<wire::own_connection_id>();
        ids.peers = in.id<wire::peers_connection_id>();
        ids.checks_paths = in.flag();
    }
    saved.facts = read_facts(in);
    saved.validated = in.flag();
    in.raw(saved.client_random_digest);
    saved.last_flight = in.octets();
    saved.flight_kept = std::chrono::milliseconds{in.number(8) & 0xffffffff};
    auto left = in.number(4);
    for (; left > 0 && !in.exhausted(); --left) {
        const auto text = in.bytes();
        saved.unread.emplace_back(text.begin(), text.end());
    }
    if (left > 0) in.refuse();  // fewer elements than counted
    if (written_as == version) saved.keys.size_limit = read_size_limit(in);
    if (!in.good()) return std::nullopt;
    return saved;
}

}  // namespace quivive::sessions
