#include "tls/cipher_map.hpp"
#include "tls/handshake_engine.hpp"
#include "tls/record_bytes.hpp"
#include "tls/record_sizes.hpp"
#include "tls/reseal.hpp"

#include <algorithm>
#include <new>

// The records that `handshake_engine` takes in under the keys that are being agreed on. Nobody has
// authenticated them: what has failed is decrypted once and not kept, what has verified and is kept is not
// tried again. A Finished alone costs more, once: GnuTLS opens it too, and one with an id is sealed for it
// before.
namespace quivive::tls {

namespace {

/// Bytes of payload of a Finished or an alert by whatever cipher, CBC with the longest padding included.
constexpr std::size_t largest_of_handshake = 512;

fed dropped_protected(drop_reason reason) noexcept { return {.consumed = false, .reason = reason}; }

bool is_fatal_alert(const plain_record& record) noexcept
{
    return record.type == wire::content_type::alert && record.text.size() == 2 &&
           record.text[0] == std::byte{GNUTLS_AL_FATAL};
}

}  // namespace

fed handshake_engine::feed_protected(const wire::record_view& record, time_point now,
                                     wire::outbox& out) noexcept
{
    // RFC 9146 3: in each direction either all protected records have the id, or none.
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
            // GnuTLS drops what comes before all that it finishes (src/README.md, trap 14).
            if (final_keys_) return feed_under_final_keys(record, now, out);
            break;
        case wire::content_type::application_data:
            break;  // for the session to open
        default:
            return dropped_protected(drop_reason::unexpected_record);
    }
    if (keep(record)) return {.consumed = true};
    return dropped_protected(drop_reason::early_data_overflow);
}

/// Whether it has overtaken the ServerHello that agrees on its id, as one of a resumed session can.
bool handshake_engine::may_get_ids(const wire::record_view& record) const noexcept
{
    const auto* const offered = live_->ids ? live_->ids->offered() : nullptr;
    return offered && !cipher_changed_ && offered->is(record.connection_id);
}

bool handshake_engine::keep(const wire::record_view& record) noexcept
{
    return kept_.keep(record, std::min(early_bytes, kept_.size_bytes() + room()));
}

/// Whether the peer's ChangeCipherSpec has had its turn: GnuTLS keeps one that comes too early.
bool handshake_engine::has_final_keys() const noexcept
{
    const auto state = cipher_changed_ ? read_raw_state(live_->session.get(), direction::read) : std::nullopt;
    return state && !state->key.empty();
}

/// Called after whatever may have brought the keys: looks at what was kept for them, once. Data without an
/// id is left for the session.
void handshake_engine::use_final_keys(time_point now, wire::outbox& out) noexcept
{
    if (final_keys_ || !in_progress() || !has_final_keys()) return;
    final_keys_ = true;
    assembly_.reset();
    kept_.drop_if([&](const wire::record_view& kept) noexcept {
        const bool is_data = kept.is(wire::content_type::application_data);
        return in_progress() && !is_data && try_record(kept, now, out) != trial::to_keep;
    });
}

/// A Finished, or an alert instead; or, behind an id, perhaps data.
fed handshake_engine::feed_under_final_keys(const wire::record_view& record, time_point now,
                                            wire::outbox& out) noexcept
{
    // What could not be kept is not looked at either.
    if (size_in_bytes(record) + kept_records::bytes_beside > early_bytes)
        return dropped_protected(drop_reason::early_data_overflow);
    if (kept_.has(record)) return {.consumed = true};  // it was looked at when it came first
    switch (try_record(record, now, out)) {
        case trial::taken:
            return {.consumed = true};
        case trial::to_keep:
            if (keep(record)) return {.consumed = true};
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

/// Data that has overtaken a Finished that was lost shows the peer's key too. Asked once: it ends the
/// handshake, or is known from then on.
bool handshake_engine::has_kept_of_right_key() noexcept
{
    kept_.drop_if([this](const wire::record_view& kept) noexcept {
        try {
            return kept.epoch == 1 && !open_record(live_->session.get(), kept);
        } catch (const std::bad_alloc&) {
            return false;  // nothing is known of it
        }
    });
    if (!kept_.empty()) trials_.verified();
    return !kept_.empty();
}

/// Costs a pass of the cipher over the record; for a message that verifies GnuTLS makes another.
handshake_engine::trial handshake_engine::try_record(const wire::record_view& record, time_point now,
                                                     wire::outbox& out) noexcept
try {
    const bool has_id = record.is(wire::content_type::tls12_cid);
    // One that was kept before it was known whether records have ids may be in the wrong format.
    if (has_id != wants_ids()) return trial::failed;
    auto what = trial::failed;
    if (has_id)
        what = try_with_id(record, now, out);
    else if (record.is(wire::content_type::alert))
        what = try_alert(record, now, out);
    else if (record.payload.size() <= largest_finished_payload(live_->session.get()) &&
             hand_in(record, now, out))
        what = trial::taken;
    if (what != trial::failed) trials_.verified();
    return what;
} catch (const std::bad_alloc&) {  // lost, as on the network; it says nothing of the peer's key
    return trial::taken;
}

handshake_engine::trial handshake_engine::try_alert(const wire::record_view& record, time_point now,
                                                    wire::outbox& out)
{
    const auto session = live_->session.get();
    if (!cipher_of(gnutls_cipher_get(session)))  // only GnuTLS can tell
        return hand_in(record, now, out) ? trial::taken : trial::failed;
    const auto opened = open_record(session, record);
    return opened ? take_alert(*opened) : trial::failed;
}

/// RFC 5246 7.2.2: who has sent a fatal one is gone, and would answer no repeat. Another is the session's.
handshake_engine::trial handshake_engine::take_alert(const plain_record& alert) noexcept
{
    if (!is_fatal_alert(alert)) return trial::to_keep;
    give_up(errc::peer_alert);
    return trial::taken;
}

/// GnuTLS knows no ids: it is given the same record without.
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
    if (view) (void)hand_in(*view, now, out);
    return trial::taken;  // it has verified, whatever GnuTLS says
}

}  // namespace quivive::tls
