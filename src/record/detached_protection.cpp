#include "record/detached_protection.hpp"

#include "record/aead_inputs.hpp"
#include "wire/handshake.hpp"

#include <algorithm>
#include <utility>

namespace quivive::record {

namespace {

using wire::content_type;

/// Sequence numbers have 48 bits. The last few are kept for alerts.
constexpr std::uint64_t sequence_mask = (std::uint64_t{1} << 48) - 1;
constexpr std::uint64_t kept_for_alerts = 16;

constexpr std::byte warning_level{1};

/// Epoch and sequence number as they stand in a record.
using record_number = std::array<std::byte, 8>;

/// An empty record is a block too: its tag is one.
std::uint64_t blocks_of(std::size_t bytes) noexcept { return bytes / 16 + 1; }

opened discarded(drop_reason reason) noexcept { return {opened_kind::discarded, 0, reason}; }

}  // namespace

detached_protection::detached_protection(const session_keys& keys, std::size_t mtu,
                                         std::shared_ptr<aead_cache> ciphers) noexcept
    : keys_{keys},
      ciphers_{std::move(ciphers)},
      mtu_{static_cast<std::uint16_t>(std::min<std::size_t>(mtu, 65'535))}
{
}

detached_protection::~detached_protection()
{
    ciphers_->give_back(reader_, &keys_.read);
    ciphers_->give_back(writer_, &keys_.write);
}

opened detached_protection::open(const wire::record_view& record, std::span<std::byte> plaintext,
                                 const wire::path& path, wire::outbox& out) noexcept
{
    if (record.epoch == 0) return discarded(drop_reason::plaintext_on_session);
    if (record.epoch != 1) return discarded(drop_reason::bad_epoch);
    if (record.payload.size() < min_payload()) return discarded(drop_reason::short_record);
    if (record.is(content_type::change_cipher_spec) || record.is(content_type::tls12_cid))
        return discarded(drop_reason::unexpected_record);
    if (over_) return discarded(drop_reason::session_closing);
    // RFC 6347 4.1.2.6: no cipher is spent on a replay; the window moves only below, once the tag has
    // verified.
    if (keys_.window.has(record.sequence)) return discarded(drop_reason::replayed_record);

    const auto text = plaintext.first(record.payload.size() - min_payload());
    if (!decrypt(record, text)) return discarded(drop_reason::bad_record_mac);
    keys_.window.note(record.sequence);
    return interpret(record.type, text, path, out);
}

bool detached_protection::decrypt(const wire::record_view& record, std::span<std::byte> plaintext) noexcept
{
    const auto traits = traits_of(keys_.cipher);
    auto* const cipher = ciphers_->find(reader_, &keys_.read, keys_.cipher, keys_.read.key(keys_.cipher));
    if (!cipher) return false;
    const auto header = record.whole.first(wire::record_header_size);
    const auto unique = traits.explicit_nonce > 0 ? record.payload.first(8) : header.subspan(3, 8);
    const bool good =
        cipher->open(make_nonce(traits, keys_.read.iv(), unique), make_additional(header, plaintext.size()),
                     record.payload.subspan(traits.explicit_nonce), plaintext);
    if (!good) ++forgeries_;
    return good;
}

/// What an authentic record says.
opened detached_protection::interpret(content_type type, wire::bytes plaintext, const wire::path& path,
                                      wire::outbox& out) noexcept
{
    if (type == content_type::application_data) return {opened_kind::message, plaintext.size(), {}};

    wire::reader in{plaintext};
    if (type == content_type::alert && plaintext.size() == 2) {
        const auto level = in.u8();
        const bool closes = in.u8() == static_cast<std::uint8_t>(alert::close_notify);
        if (!closes && level == 1) return {opened_kind::warning, 0, {}};
        over_ = true;
        return {closes ? opened_kind::close_notify : opened_kind::fatal_alert, 0, {}};
    }
    if (type == content_type::handshake && !plaintext.empty()) {
        const auto message = wire::read_handshake(in).type;
        if (message == wire::handshake_type::finished) return {opened_kind::repeated_finished, 0, {}};
        if (message == wire::handshake_type::client_hello || message == wire::handshake_type::hello_request) {
            send_alert(alert::no_renegotiation, path, out);  // RFC 9325 3.5
            return {opened_kind::renegotiation, 0, {}};
        }
    }
    return discarded(drop_reason::unexpected_record);
}

sealed detached_protection::seal(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept
{
    if (message.size() > max_message_size()) return sealed::too_large;
    if (worn_out()) return sealed::exhausted;
    return send(content_type::application_data, message, path, out) ? sealed::sent : sealed::exhausted;
}

void detached_protection::send_alert(alert what, const wire::path& path, wire::outbox& out) noexcept
{
    const std::array body{warning_level, static_cast<std::byte>(what)};
    (void)send(content_type::alert, body, path, out);
}

bool detached_protection::send(content_type type, wire::bytes plaintext, const wire::path& path,
                               wire::outbox& out) noexcept
{
    if ((keys_.next_write & sequence_mask) == sequence_mask) return false;
    const auto traits = traits_of(keys_.cipher);
    auto* const cipher = ciphers_->find(writer_, &keys_.write, keys_.cipher, keys_.write.key(keys_.cipher));
    const auto payload = plaintext.size() + traits.overhead();
    const auto record = ciphers_->scratch(wire::record_header_size + payload);
    if (!cipher || record.empty()) return false;

    record_number number;
    wire::write_integer(number, keys_.next_write);
    record[0] = static_cast<std::byte>(type);
    wire::write_integer(record.subspan(1, 2), wire::dtls_1_2);
    std::ranges::copy(number, record.begin() + 3);
    wire::write_integer(record.subspan(11, 2), payload);
    if (traits.explicit_nonce > 0)
        std::ranges::copy(number, record.begin() + static_cast<std::ptrdiff_t>(wire::record_header_size));

    // Used from here on, whatever comes: a number never protects two records.
    ++keys_.next_write;
    blocks_ += blocks_of(plaintext.size());
    if (!cipher->seal(make_nonce(traits, keys_.write.iv(), number), make_additional(record, plaintext.size()),
                      plaintext, record.subspan(wire::record_header_size + traits.explicit_nonce)))
        return false;
    out.send(path, record);
    return true;
}

std::size_t detached_protection::max_message_size() const noexcept
{
    constexpr std::size_t most = 16'384;  // RFC 5246 6.2.1
    const auto around = wire::record_header_size + traits_of(keys_.cipher).overhead();
    return std::min<std::size_t>(mtu_ > around ? mtu_ - around : 0, most);
}

bool detached_protection::worn_out() const noexcept
{
    const auto traits = traits_of(keys_.cipher);
    return blocks_ >= traits.most_blocks || forgeries_ >= traits.most_forgeries ||
           (keys_.next_write & sequence_mask) > sequence_mask - kept_for_alerts;
}

}  // namespace quivive::record
