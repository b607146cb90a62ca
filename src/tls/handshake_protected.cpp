#include "tls/cipher_map.hpp"
#include "tls/handshake_engine.hpp"
#include "tls/record_sizes.hpp"
#include "tls/reseal.hpp"

#include <new>

// The records that `handshake_engine` takes in under the keys that are being agreed on.
namespace quivive::tls {

namespace {

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
        case wire::content_type::tls12_cid:
            if (has_final_keys()) return feed_finished(record, now, out);
            break;  // GnuTLS drops what comes before all that it finishes (src/README.md, trap 14)
        case wire::content_type::alert:
            if (take_alert(record, now, out)) return {.consumed = true};
            break;
        case wire::content_type::application_data:
            break;
        default:
            return dropped_protected(drop_reason::unexpected_record);
    }
    if (has_room_for(record.whole.size()) && kept_.keep(record)) return {.consumed = true};
    return dropped_protected(drop_reason::early_data_overflow);
}

/// Whether it has overtaken the ServerHello that agrees on its id, as one of a resumed session can.
bool handshake_engine::may_get_ids(const wire::record_view& record) const noexcept
{
    const auto* const offered = live_->ids ? live_->ids->offered() : nullptr;
    return offered && !cipher_changed_ && offered->is(record.connection_id);
}

/// Whether the peer's ChangeCipherSpec has had its turn: GnuTLS keeps one that comes too early.
bool handshake_engine::has_final_keys() const noexcept
{
    const auto state = cipher_changed_ ? read_raw_state(live_->session.get(), direction::read) : std::nullopt;
    return state && !state->key.empty();
}

/// A Finished, or, behind an id, perhaps one.
fed handshake_engine::feed_finished(const wire::record_view& record, time_point now,
                                    wire::outbox& out) noexcept
{
    const bool has_id = record.is(wire::content_type::tls12_cid);
    if (hand_in_protected(record, now, out)) {
        trials_.verified();
        if (has_id && in_progress()) (void)kept_.keep(record);  // data, perhaps
        return {.consumed = true};
    }
    const bool of_its_size = record.payload.size() == finished_payload(live_->session.get(), has_id);
    if (of_its_size && trials_.failed(now) && !has_kept_of_right_key()) fail_for_wrong_key(out);
    return dropped_protected(drop_reason::bad_record_mac);
}

/// Data that has overtaken a Finished that was lost shows the peer's key too.
bool handshake_engine::has_kept_of_right_key() const noexcept
try {
    bool any = false;
    kept_.for_each([&](const wire::record_view& kept) {
        any = any || (kept.epoch == 1 && open_record(live_->session.get(), kept));
    });
    return any;
} catch (const std::bad_alloc&) {
    return true;  // nothing is known
}

/// RFC 5246 7.2.2: who has sent a fatal one is gone, and would answer no repeat. False: it is to be kept.
bool handshake_engine::take_alert(const wire::record_view& record, time_point now, wire::outbox& out) noexcept
try {
    if (!has_final_keys()) return false;
    const auto session = live_->session.get();
    if (!cipher_of(gnutls_cipher_get(session))) return hand_in(record, now, out);  // only GnuTLS can tell
    const auto opened = open_record(session, record);
    if (!opened || !is_fatal_alert(*opened)) return false;
    give_up(errc::peer_alert);
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

/// GnuTLS knows no ids: it is given the same record without. One that was kept before it was known whether
/// records have them may be in the wrong format. False: it does not verify.
bool handshake_engine::hand_in_protected(const wire::record_view& record, time_point now,
                                         wire::outbox& out) noexcept
try {
    const bool has_id = record.is(wire::content_type::tls12_cid);
    if (has_id != wants_ids()) return false;
    if (!has_id) return hand_in(record, now, out);
    const auto plain = reframe(live_->session.get(), direction::read, record, {});
    const auto view = plain ? wire::first_record(*plain) : std::nullopt;
    if (view && view->is(wire::content_type::handshake)) return hand_in(*view, now, out);
    if (view && view->is(wire::content_type::alert)) (void)take_alert(record, now, out);
    return view.has_value();
} catch (const std::bad_alloc&) {  // lost, as on the network; it says nothing of the peer's key
    return true;
}

/// Once the keys are there: a Finished, or an alert instead.
void handshake_engine::retry_kept_protected(time_point now, wire::outbox& out) noexcept
{
    if (!in_progress() || !has_final_keys()) return;
    kept_.for_each([&](const wire::record_view& kept) {
        if (kept.epoch != 1 || !in_progress()) return;
        if (kept.is(wire::content_type::handshake) || kept.is(wire::content_type::tls12_cid)) {
            if (hand_in_protected(kept, now, out)) trials_.verified();
        } else if (kept.is(wire::content_type::alert)) {
            (void)take_alert(kept, now, out);
        }
    });
}

}  // namespace quivive::tls
