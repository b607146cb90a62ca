#include "tls/cipher_map.hpp"
#include "tls/handshake_engine.hpp"
#include "tls/record_bytes.hpp"
#include "tls/record_sizes.hpp"
#include "tls/reseal.hpp"

#include <algorithm>
#include <new>

// Reception of records by `handshake_engine` under the keys that are being negotiated. None of these records
// is authenticated yet. A record that fails is decrypted once and not kept. A record that verifies and is
// kept is not tried again. Only a Finished costs more, once: GnuTLS opens it too, and one with a connection
// id is first sealed again for GnuTLS.
namespace quivive::tls {

namespace {

/// Maximum payload in bytes of a Finished or an alert with any cipher, including CBC with the longest
/// padding.
constexpr std::size_t largest_of_handshake = 512;

feed_result dropped_protected(drop_reason reason) noexcept { return {.consumed = false, .reason = reason}; }

bool is_fatal_alert(const plain_record& record) noexcept
{
    return record.type == wire::content_type::alert && record.text.size() == 2 &&
           record.text[0] == std::byte{GNUTLS_AL_FATAL};
}

}  // namespace

feed_result handshake_engine::feed_protected(const wire::record_view& record, time_point now,
                                             wire::outbox& out) noexcept
{
    // RFC 9146 3: in each direction, either all protected records have the id, or none.
    const bool has_id = record.is(wire::content_type::tls12_cid);
    if (wants_ids() && !ids()->own.is(record.connection_id))
        return dropped_protected(drop_reason::wrong_connection_id);
    if (has_id && !wants_ids() && !may_get_ids(record))
        return dropped_protected(drop_reason::unexpected_record);
    switch (record.type) {
        case wire::content_type::handshake:
        case wire::content_type::alert:
            if (record.payload.size() > largest_of_handshake)
                return dropped_protected(drop_reason::early_data_overflow);
            [[fallthrough]];
        case wire::content_type::tls12_cid:
            // GnuTLS loses a record that arrives ahead of its predecessors (src/README.md, trap 14).
            if (final_keys_) return feed_under_final_keys(record, now, out);
            break;
        case wire::content_type::application_data:
            break;  // the session opens it
        default:
            return dropped_protected(drop_reason::unexpected_record);
    }
    if (buffer_early(record)) return {.consumed = true};
    return dropped_protected(drop_reason::early_data_overflow);
}

/// Returns true when the record may have overtaken the ServerHello that negotiates its id. This can happen in
/// a resumed session.
bool handshake_engine::may_get_ids(const wire::record_view& record) const noexcept
{
    const auto* const offered = live_->ids ? live_->ids->offered() : nullptr;
    return offered && !cipher_changed_ && offered->is(record.connection_id);
}

bool handshake_engine::buffer_early(const wire::record_view& record) noexcept
{
    return reorder_buffer_.add(record, std::min(early_bytes, reorder_buffer_.size_bytes() + capacity_left()));
}

/// Returns true when the peer's ChangeCipherSpec has been processed in order. GnuTLS keeps one that arrives
/// early.
bool handshake_engine::has_final_keys() const noexcept
{
    const auto state = cipher_changed_ ? read_raw_state(live_->session.get(), direction::read) : std::nullopt;
    return state && !state->key.empty();
}

/// Called after any event that may have produced the keys. Tries the records kept for them, once. Leaves data
/// without an id for the session.
void handshake_engine::use_final_keys(time_point now, wire::outbox& out) noexcept
{
    if (final_keys_ || !in_progress() || !has_final_keys()) return;
    final_keys_ = true;
    assembly_.reset();
    reorder_buffer_.remove_if([&](const wire::record_view& kept) noexcept {
        const bool is_data = kept.is(wire::content_type::application_data);
        return in_progress() && !is_data && try_record(kept, now, out) != trial::to_keep;
    });
}

/// Feeds a Finished, or an alert in its place. A record with an id may also be data.
feed_result handshake_engine::feed_under_final_keys(const wire::record_view& record, time_point now,
                                                    wire::outbox& out) noexcept
{
    // A record that could not be kept is not tried either.
    if (size_in_bytes(record) + reorder_buffer::bytes_beside > early_bytes)
        return dropped_protected(drop_reason::early_data_overflow);
    if (reorder_buffer_.has(record)) return {.consumed = true};  // it was tried on its first arrival
    switch (try_record(record, now, out)) {
        case trial::taken:
            return {.consumed = true};
        case trial::to_keep:
            if (buffer_early(record)) return {.consumed = true};
            return dropped_protected(drop_reason::early_data_overflow);
        case trial::failed:
            break;
    }
    const bool has_id = record.is(wire::content_type::tls12_cid);
    const bool of_a_finished = !record.is(wire::content_type::alert) &&
                               record.payload.size() == finished_payload(live_->session.get(), has_id);
    if (of_a_finished && in_progress() && trials_.failed(now) && !has_kept_of_right_key())
        fail_for_wrong_key(out);
    return dropped_protected(drop_reason::bad_record_mac);
}

/// Returns true when a kept record has the peer's right key. Data that has overtaken a lost Finished shows it
/// too. Called once: the result ends the handshake, or is stored from then on.
bool handshake_engine::has_kept_of_right_key() noexcept
{
    reorder_buffer_.remove_if([this](const wire::record_view& kept) noexcept {
        try {
            return kept.epoch == 1 && !open_record(live_->session.get(), kept);
        } catch (const std::bad_alloc&) {
            return false;  // the result is unknown
        }
    });
    if (!reorder_buffer_.empty()) trials_.verified();
    return !reorder_buffer_.empty();
}

/// Costs one pass of the cipher over the record. GnuTLS makes another for a message that verifies.
handshake_engine::trial handshake_engine::try_record(const wire::record_view& record, time_point now,
                                                     wire::outbox& out) noexcept
try {
    const bool has_id = record.is(wire::content_type::tls12_cid);
    // A record that was kept before the negotiation of ids may be in the wrong format.
    if (has_id != wants_ids()) return trial::failed;
    auto what = trial::failed;
    if (has_id)
        what = try_with_id(record, now, out);
    else if (record.is(wire::content_type::alert))
        what = try_alert(record, now, out);
    else if (record.payload.size() <= largest_finished_payload(live_->session.get()) &&
             pass_to_gnutls(record, now, out))
        what = trial::taken;
    if (what != trial::failed) trials_.verified();
    return what;
} catch (const std::bad_alloc&) {  // lost, as on the network; this gives no information about the peer's key
    return trial::taken;
}

handshake_engine::trial handshake_engine::try_alert(const wire::record_view& record, time_point now,
                                                    wire::outbox& out)
{
    const auto session = live_->session.get();
    if (!cipher_of(gnutls_cipher_get(session)))  // only GnuTLS can tell
        return pass_to_gnutls(record, now, out) ? trial::taken : trial::failed;
    const auto opened = open_record(session, record);
    return opened ? take_alert(*opened) : trial::failed;
}

/// RFC 5246 7.2.2: the sender of a fatal alert has ended the connection, and would not answer a
/// retransmission. The session handles any other alert.
handshake_engine::trial handshake_engine::take_alert(const plain_record& alert) noexcept
{
    if (!is_fatal_alert(alert)) return trial::to_keep;
    abort(errc::peer_alert);
    return trial::taken;
}

/// GnuTLS has no connection ids, so it receives the same record without one.
handshake_engine::trial handshake_engine::try_with_id(const wire::record_view& record, time_point now,
                                                      wire::outbox& out)
{
    const auto session = live_->session.get();
    const auto opened = open_record(session, record);
    if (!opened) return trial::failed;
    if (opened->type == wire::content_type::alert) return take_alert(*opened);
    if (opened->type != wire::content_type::handshake) return trial::to_keep;
    const auto plain = reframe(session, direction::read, record, {});
    const auto view = plain ? wire::first_record(*plain) : std::nullopt;
    if (view) (void)pass_to_gnutls(*view, now, out);
    return trial::taken;  // it has verified, whatever GnuTLS returns
}

}  // namespace quivive::tls
