// Sessions from other processes. Only sealed blobs are opened. Their content is decoded and encoded to the
// same bytes, or refused. A decoded session is imported, or refused. An imported session exchanges messages
// with its peer, and ends.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "record/detached_protection.hpp"
#include "session/saved_session.hpp"
#include "support/seeded_tls.hpp"
#include "support/tamper.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/sealed_blob.hpp"

#include <optional>
#include <utility>

using namespace quivive;
using namespace std::chrono_literals;
using fuzz::hold;
using test::octets;

namespace {

std::shared_ptr<record::aead_cache> ciphers()
{
    return std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
}

/// Makes the other side of a session; empty if its id is longer than any of quivive's.
std::optional<record::detached_protection> peer_of(const sessions::saved_session& saved)
{
    auto keys = saved.keys;
    std::swap(keys.read, keys.write);
    keys.next_write = (std::uint64_t{1} << 48) + saved.keys.window.newest() + 1;
    keys.window = {};
    keys.blocks = keys.forgeries = 0;
    std::unique_ptr<record::connection_ids> ids;
    if (saved.ids) {
        if (saved.ids->peers.size() > wire::own_connection_id::max_size) return std::nullopt;
        ids = std::make_unique<record::connection_ids>();
        ids->own = wire::own_connection_id{saved.ids->peers.value()};
        ids->peers = wire::peers_connection_id{saved.ids->own.value()};
        ids->checks_paths = saved.ids->checks_paths;
    }
    return std::optional<record::detached_protection>{std::in_place, keys, 1'400, ciphers(), std::move(ids)};
}

struct play {
    explicit play(const sessions::saved_session& given) : saved{given} { around.use_ids(); }

    /// Returns whether the session and its peer can still exchange messages.
    [[nodiscard]] bool is_fresh() const
    {
        const auto traits = record::traits_of(saved.keys.cipher);
        const auto far_from_the_last = [](std::uint64_t number) {
            return (number & 0xffffffffffff) < 0xffffffff0000;
        };
        return saved.keys.blocks < traits.max_blocks / 2 && saved.keys.forgeries < traits.max_forgeries / 2 &&
               far_from_the_last(saved.keys.next_write) && far_from_the_last(saved.keys.window.newest());
    }

    /// Sends a message to the session, from its address or another. Returns whether it arrives.
    bool hears(record::detached_protection& peer, const wire::path& from, const std::string& text)
    {
        test::queue_outbox sent;
        if (peer.seal(wire::as_bytes(text), from, sent) != record::sealed::sent) return false;
        (void)around.route(from, sent.datagrams.front());
        auto& waiting = session->messages();
        return !waiting.empty() && wire::as_text(waiting.pop()->bytes()) == text;
    }

    bool is_heard(record::detached_protection& peer, const std::string& text)
    {
        around.outgoing.clear();
        if (around.server->send(*session, wire::as_bytes(text), around.now, around) != record::sealed::sent)
            return false;
        const auto& datagram = around.outgoing.back().second;
        for (const auto& record : test::records_of(datagram, saved.ids ? saved.ids->peers.size() : 0)) {
            octets plaintext(record.payload.size());
            test::queue_outbox none;
            const auto opened = peer.open(record, plaintext, {}, none);
            plaintext.resize(opened.size);
            return opened.kind == record::opened_kind::message && wire::as_text(plaintext) == text;
        }
        return false;
    }

    void go_on()
    {
        if (around.server->import_session(saved, ciphers(), around.now) != dispatch::import_outcome::imported)
            return hold(around.server->size() == 0, "a refused session leaves nothing");
        hold(around.listener.sessions.size() == 1, "an imported session is reported");
        session = around.listener.sessions.front();
        std::size_t unread = 0;
        for (; !session->messages().empty(); ++unread) (void)session->messages().pop();
        hold(unread <= around.limits.receive_queue_messages, "unread messages are within their limit");
        auto peer = peer_of(saved);
        if (peer && is_fresh()) {
            hold(hears(*peer, saved.path, "there"), "the session receives from its peer");
            hold(is_heard(*peer, "back"), "the peer receives from its session");
            const auto elsewhere = test::world::path_of(9, 6'666);
            if (session->has_id())
                hold(hears(*peer, elsewhere, "from elsewhere"), "the session receives from another address");
        }
        if (const auto again = around.server->save(*session, around.now))
            hold(sessions::decode(sessions::encode(*again)).has_value(), "the session can be exported again");
        around.pass(1'000s);
        hold(around.server->size() == 0, "an idle session ends");
    }

    const sessions::saved_session& saved;
    test::world around;
    std::shared_ptr<dispatch::connection> session;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    test::seed_tls_random(1);
    const secret shared{octets(32, std::byte{0x5e})};
    fuzz::input in{data, size};
    const auto changes = in.below(3);
    const octets content{in.rest().begin(), in.rest().end()};
    if (const auto saved = sessions::decode(content)) {
        const auto again = sessions::encode(*saved);
        const auto read = sessions::decode(again);
        hold(read.has_value(), "an encoded session is decoded");
        hold(sessions::encode(*read) == again, "the encoding stays the same");
        play{*saved}.go_on();
    }
    hold(!tls::open_blob(shared, content), "content without a seal is not opened");

    const auto blob = tls::seal_blob(shared, content, std::chrono::sys_seconds{});
    auto changed = blob;
    for (auto left = changes; left > 0; --left) test::tamper(changed, in);
    const auto opened = tls::open_blob(shared, changed);
    hold(opened.has_value() == (changed == blob), "a blob is opened if and only if it is unchanged");
    if (opened) hold(*opened == content, "the opened content is the original");
    return 0;
}
