#include "session/association.hpp"

#include <algorithm>
#include <array>

// Records received and sent by an established association.
namespace quivive::sessions {

namespace {

// RFC 9853 4.
enum class path_message_type : std::uint8_t { challenge = 0, response = 1 };
constexpr std::size_t path_message_size = path_validator::path_message_size;

std::array<std::byte, path_message_size> make_path_message(path_message_type type,
                                                           std::uint64_t cookie) noexcept
{
    std::array<std::byte, path_message_size> made{static_cast<std::byte>(type)};
    wire::write_integer(std::span{made}.last<8>(), cookie);
    return made;
}

}  // namespace

/// Runs `send(outbox)` and sends its output only within the limit of an unvalidated path.
template <typename Send>
void association::send_to_peer(time_point now, wire::outbox& out, Send send,
                               path_validator::send_class send_class) noexcept
{
    if (!path_validator_ || path_validator_->is_validated()) return send(out);
    limited_outbox allowed{*path_validator_, send_class, now, out, withheld_};
    send(allowed);
}

record_result association::open(const wire::record_view& record, const wire::path& via, time_point now,
                                wire::outbox& out) noexcept
{
    // RFC 6347 4.1.2.7: a record that cannot be authentic is dropped silently and ends nothing.
    if (record.epoch == 0) return record_result::dropped(drop_reason::plaintext_on_session);
    if (record.epoch != 1) return record_result::dropped(drop_reason::bad_epoch);
    if (record.payload.size() < protection_->min_payload())
        return record_result::dropped(drop_reason::short_record);

    auto plaintext = messages_.pool().take(record.payload.size());
    if (!plaintext) return record_result::dropped(drop_reason::receive_queue_full);
    record::opened opened;
    send_to_peer(now, out, [&](wire::outbox& allowed) {
        opened = protection_->open(record, plaintext->storage, path_, allowed);
    });
    if (path_validator_ && opened.authentic) follow(record, via, opened.newest, now, out);
    if (path_validator_ && opened.reason == drop_reason::replayed_record)
        check_duplicate(record, via, plaintext->storage, now);
    const auto result = act_on(opened, std::move(plaintext), via, now, out);
    if (protection_ && protection_->aead_limit_reached())
        close_now(close_reason::sequence_exhausted, now, out);
    return result;
}

record_result association::act_on(record::opened opened, std::unique_ptr<message> plaintext,
                                  const wire::path& via, time_point now, wire::outbox& out) noexcept
{
    using kind = record::opened_kind;
    if (opened.kind == kind::discarded) {
        messages_.pool().recycle(std::move(plaintext));
        return record_result::dropped(opened.reason);
    }
    last_activity_ = now;  // every record from here on is authentic
    if (opened.kind == kind::message) {
        plaintext->size = opened.size;
        note_handshake_confirmed(now);
        return enqueue(std::move(plaintext));
    }
    if (opened.kind == kind::path_message)
        on_path_message(wire::bytes{plaintext->storage}.first(opened.size), via, now, out);
    messages_.pool().recycle(std::move(plaintext));
    switch (opened.kind) {
        case kind::close_notify:
            if (phase_ == phase::established) notify_peer(now, out);  // RFC 5246 7.2.1: responds
            enter_closed(phase_ == phase::closing ? close_reason_ : close_reason::peer_closed);
            break;
        case kind::fatal_alert:
            enter_closed(phase_ == phase::closing ? close_reason_ : close_reason::peer_alert);
            break;
        case kind::repeated_finished:
            retransmit_last_flight(now, out);
            break;
        default:
            break;  // a warning, or a renegotiation that was already refused
    }
    return record_result::taken();
}

record_result association::enqueue(std::unique_ptr<message> received) noexcept
{
    if (phase_ == phase::closing) {
        messages_.pool().recycle(std::move(received));
        return record_result::dropped(drop_reason::session_closing);
    }
    if (!messages_.push(std::move(received), limits_->receive_queue_messages, limits_->receive_queue_bytes))
        return record_result::dropped(drop_reason::receive_queue_full);
    ++received_;
    return record_result::taken();
}

/// Shortens the time for which the last flight is kept. A peer that sends data has usually received this
/// side's Finished. It does not retransmit its own flight then, so the last flight need not be kept for 2 x
/// MSL. Only a peer that sends data before it receives the Finished (False Start, RFC 7918) may still
/// retransmit, and does so soon.
void association::note_handshake_confirmed(time_point now) noexcept
{
    if (last_flight_ && is_open())
        deadline_ = std::min(deadline_, now + limits_->last_flight_kept_after_data);
}

void association::retransmit_last_flight(time_point now, wire::outbox& out) noexcept
{
    // RFC 6347 4.2.4: the sender of the last flight retransmits it when the peer retransmits its own.
    if (!last_flight_ || !last_flight_->repeatable.allows(now)) return;
    last_flight_->flight.renew([this](std::span<std::byte> record) { protection_->renew(record); });
    send_to_peer(now, out, [&](wire::outbox& allowed) { last_flight_->flight.send(path_, allowed); });
    last_flight_->repeatable.sent(now);
    ++retransmissions_;
}

/// Handles the path of an authentic record that arrived on `via`.
void association::follow(const wire::record_view& record, const wire::path& via, bool newest, time_point now,
                         wire::outbox& out) noexcept
{
    if (via != path_) (void)path_validator_->follow(path_, {via, record.number(), newest}, now);
    if (via == path_) path_validator_->received(record.whole.size(), newest, now);
    challenge_path(now, out);
}

/// Undoes a move when the original of a copied record arrives (RFC 9146 6). This record is a replay. A copy
/// of it may have arrived first from another address and moved the session there, and this may be the
/// original. Verifying it costs as much as rejecting a forgery with a new sequence number. A record that
/// verifies undoes the move.
void association::check_duplicate(const wire::record_view& copy, const wire::path& via,
                                  std::span<std::byte> plaintext, time_point now) noexcept
{
    if (path_validator_->is_undone_by(via, copy.number()) && protection_->verifies(copy, plaintext))
        path_validator_->undo(path_, now);
}

void association::challenge_path(time_point now, wire::outbox& out) noexcept
{
    const auto cookie = path_validator_->next_challenge(now);
    if (!cookie) return;
    send_to_peer(
        now, out,
        [&](wire::outbox& allowed) {
            protection_->send_path_message(make_path_message(path_message_type::challenge, *cookie), path_,
                                           allowed);
        },
        path_validator::send_class::challenge);
}

void association::on_path_message(wire::bytes message, const wire::path& via, time_point now,
                                  wire::outbox& out) noexcept
{
    if (message.size() != path_message_size) return;
    wire::reader in{message};
    const auto type = static_cast<path_message_type>(in.u8());
    const auto cookie = in.integer(8);
    if (type == path_message_type::response && path_validator_) path_validator_->responded(cookie);
    if (type != path_message_type::challenge) return;
    // RFC 9853 5.4: the response takes the path of the challenge, and no other. A path other than the
    // session's needs no limit. There is one response to each authentic challenge, and none to a replay. The
    // response is no longer than the challenge, apart from the connection ids.
    const auto answer = [&](wire::outbox& allowed) {
        protection_->send_path_message(make_path_message(path_message_type::response, cookie), via, allowed);
    };
    if (via == path_)
        send_to_peer(now, out, answer, path_validator::send_class::answer);
    else
        answer(out);
}

record::sealed association::send(wire::bytes message, time_point now, wire::outbox& out) noexcept
{
    record::sealed result{};
    send_to_peer(now, out,
                 [&](wire::outbox& allowed) { result = protection_->seal(message, path_, allowed); });
    return result;
}

void association::notify_peer(time_point now, wire::outbox& out) noexcept
{
    send_to_peer(
        now, out,
        [&](wire::outbox& allowed) { protection_->send_alert(record::alert::close_notify, path_, allowed); },
        path_validator::send_class::answer);
}

}  // namespace quivive::sessions
