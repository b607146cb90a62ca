#include "record/detached_protection.hpp"

#include "wire/handshake.hpp"

#include <algorithm>
#include <utility>

namespace quivive::record {

namespace {

using wire::content_type;

/// Sequence numbers have 48 bits. The last few are reserved for alerts.
constexpr std::uint64_t sequence_mask = (std::uint64_t{1} << 48) - 1;
constexpr std::uint64_t kept_for_alerts = 16;

constexpr std::byte warning_level{1};

/// Bytes that are sealed in addition to the plaintext: the real content type in a tls12_cid record (RFC 9146
/// 4).
std::size_t inner_type_size(wire::bytes id) noexcept { return id.empty() ? 0 : 1; }

/// Blocks of 16 bytes that are sealed for a text of this size, rounded up, plus one for the tag.
std::uint64_t blocks_of(std::size_t text_size, wire::bytes id) noexcept
{
    return (text_size + inner_type_size(id) + 15) / 16 + 1;
}

opened discarded(drop_reason reason) noexcept { return {opened_kind::discarded, 0, reason}; }

}  // namespace

detached_protection::detached_protection(const session_keys& keys, std::size_t mtu,
                                         std::shared_ptr<aead_cache> ciphers,
                                         std::unique_ptr<const connection_ids> ids) noexcept
    : keys_{keys},
      ciphers_{std::move(ciphers)},
      ids_{std::move(ids)},
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
    if (const auto fault = find_fault(record)) return discarded(*fault);
    const auto text = plaintext.first(text_room(record.payload.size()));
    const auto content = decrypt(record, text);
    if (!content) return discarded(drop_reason::bad_record_mac);
    const bool newest = keys_.window.note(record.sequence);
    auto result = interpret(content->type, text.first(content->size), path, out);
    result.authentic = true;
    result.newest = newest;
    return result;
}

bool detached_protection::verifies(const wire::record_view& record, std::span<std::byte> plaintext) noexcept
{
    if (const auto fault = find_fault(record); fault && *fault != drop_reason::replayed_record) return false;
    return decrypt(record, plaintext.first(text_room(record.payload.size()))).has_value();
}

/// Checks everything that does not need the cipher.
std::optional<drop_reason> detached_protection::find_fault(const wire::record_view& record) const noexcept
{
    if (record.epoch == 0) return drop_reason::plaintext_on_session;
    if (record.epoch != 1) return drop_reason::bad_epoch;
    if (record.is(content_type::tls12_cid) && own_id().empty()) return drop_reason::unexpected_record;
    // RFC 9146 3: once connection ids are negotiated, records without them do not belong to this association.
    if (!wire::equal(record.connection_id, own_id())) return drop_reason::wrong_connection_id;
    if (record.payload.size() < min_payload()) return drop_reason::short_record;
    // RFC 9146 4: padding is subject to the size limit of a record, as in RFC 8446 5.4.
    if (text_room(record.payload.size()) > wire::max_record_plaintext + inner_type_size(own_id()))
        return drop_reason::oversized_plaintext;
    if (record.is(content_type::change_cipher_spec)) return drop_reason::unexpected_record;
    if (over_) return drop_reason::session_closing;
    // RFC 6347 4.1.2.6: a replay is not decrypted. The window moves only after the tag has verified.
    if (keys_.window.has(record.sequence)) return drop_reason::replayed_record;
    return std::nullopt;
}

std::optional<content> detached_protection::decrypt(const wire::record_view& record,
                                                    std::span<std::byte> plaintext) noexcept
{
    auto* const cipher = ciphers_->find(reader_, &keys_.read, keys_.cipher, keys_.read.key(keys_.cipher));
    if (!cipher) return std::nullopt;
    const auto content = record::open({*cipher, traits_of(keys_.cipher), keys_.read.iv()}, record, plaintext);
    if (!content) ++keys_.forgeries;
    return content;
}

/// Interprets an authentic record by its content type. May send a no_renegotiation alert.
opened detached_protection::interpret(content_type type, wire::bytes plaintext, const wire::path& path,
                                      wire::outbox& out) noexcept
{
    if (type == content_type::application_data) return {opened_kind::message, plaintext.size(), {}};
    if (type == content_type::return_routability_check && ids_ && ids_->checks_paths)
        return {opened_kind::path_message, plaintext.size(), {}};

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
    if (aead_limit_reached()) return sealed::exhausted;
    return send(content_type::application_data, message, path, out) ? sealed::sent : sealed::exhausted;
}

void detached_protection::send_alert(alert what, const wire::path& path, wire::outbox& out) noexcept
{
    const std::array body{warning_level, static_cast<std::byte>(what)};
    (void)send(content_type::alert, body, path, out);
}

void detached_protection::send_path_message(wire::bytes message, const wire::path& path,
                                            wire::outbox& out) noexcept
{
    (void)send(content_type::return_routability_check, message, path, out);
}

void detached_protection::renew(std::span<std::byte> record) noexcept
{
    const auto view = wire::first_record(record, peers_id().size());
    const auto traits = traits_of(keys_.cipher);
    if (!view || view->payload.size() < least_payload(traits, !view->connection_id.empty())) return;
    auto* const cipher = ciphers_->find(writer_, &keys_.write, keys_.cipher, keys_.write.key(keys_.cipher));
    const auto room = view->payload.size() - traits.overhead();
    const auto memory = ciphers_->scratch(room + record.size() + scratch_size(room, peers_id()));
    if (!cipher || memory.empty()) return;

    const protector by{*cipher, traits, keys_.write.iv()};
    const auto text = memory.first(room), made = memory.subspan(room, record.size());
    const wire::wiper texts{memory};
    const auto content = record::open(by, *view, text);
    if (!content || content->size + size_around(traits, peers_id()) != record.size()) return;
    const auto number = use_number(content->size);
    if (number && record::seal(by, {content->type, *number, text.first(content->size)}, peers_id(), made,
                               memory.subspan(room + record.size())))
        wire::copy(made, record);
}

/// Returns the next sequence number, for a text of this size; empty when none is left. The number is consumed
/// even if sealing or sending fails afterwards: it never protects two records.
std::optional<std::uint64_t> detached_protection::use_number(std::size_t text_size) noexcept
{
    if ((keys_.next_write & sequence_mask) == sequence_mask) return std::nullopt;
    keys_.blocks += blocks_of(text_size, peers_id());
    return keys_.next_write++;
}

bool detached_protection::send(content_type type, wire::bytes plaintext, const wire::path& path,
                               wire::outbox& out) noexcept
{
    const auto traits = traits_of(keys_.cipher);
    auto* const cipher = ciphers_->find(writer_, &keys_.write, keys_.cipher, keys_.write.key(keys_.cipher));
    const auto size = plaintext.size() + size_around(traits, peers_id());
    const auto memory = ciphers_->scratch(size + scratch_size(plaintext.size(), peers_id()));
    if (!cipher || memory.empty()) return false;

    const auto number = use_number(plaintext.size());
    const auto record = memory.first(size), inner_form = memory.subspan(size);
    const wire::wiper text{inner_form};
    if (!number || !record::seal({*cipher, traits, keys_.write.iv()}, {type, *number, plaintext}, peers_id(),
                                 record, inner_form))
        return false;
    out.send(path, record);
    return true;
}

std::size_t detached_protection::max_message_size() const noexcept
{
    const auto around = size_around(traits_of(keys_.cipher), peers_id());
    // RFC 8449 4: the limit covers everything that is encrypted.
    const auto most = keys_.size_limit - inner_type_size(peers_id());
    return std::min<std::size_t>(mtu_ > around ? mtu_ - around : 0, most);
}

std::size_t detached_protection::min_payload() const noexcept
{
    return least_payload(traits_of(keys_.cipher), !own_id().empty());
}

bool detached_protection::aead_limit_reached() const noexcept
{
    const auto traits = traits_of(keys_.cipher);
    return keys_.blocks >= traits.max_blocks || keys_.forgeries >= traits.max_forgeries ||
           (keys_.next_write & sequence_mask) > sequence_mask - kept_for_alerts;
}

}  // namespace quivive::record
