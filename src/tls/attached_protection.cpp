#include "tls/attached_protection.hpp"

#include "tls/record_sizes.hpp"
#include "tls/reseal.hpp"

#include <gnutls/dtls.h>

#include <algorithm>

namespace quivive::tls {

using record::opened;
using record::opened_kind;
using record::sealed;

namespace {

opened discarded(drop_reason reason) noexcept { return {opened_kind::discarded, 0, reason}; }

}  // namespace

/// Lets pushes through for the duration of one call.
class attached_protection::push_scope {
public:
    push_scope(attached_protection& self, const wire::path& path, wire::outbox& out) noexcept
        : self_{self}, outlet_{path, out}
    {
        self_.outlet_ = &outlet_;
    }
    ~push_scope() { self_.outlet_ = nullptr; }
    push_scope(const push_scope&) = delete;
    push_scope& operator=(const push_scope&) = delete;

private:
    attached_protection& self_;
    outlet outlet_;
};

attached_protection::attached_protection(std::unique_ptr<live_session> live, std::size_t mtu) noexcept
    : live_{std::move(live)}, min_payload_{least_payload(session())}, most_payload_{most_payload(session())}
{
    gnutls_dtls_set_mtu(session(), static_cast<unsigned>(mtu));
    live_->channel.push_to(this);
}

opened attached_protection::open(const wire::record_view& record, std::span<std::byte> plaintext,
                                 const wire::path& path, wire::outbox& out) noexcept
{
    if (record.epoch == 0) return discarded(drop_reason::plaintext_on_session);
    if (record.epoch != 1) return discarded(drop_reason::bad_epoch);
    if (record.payload.size() < min_payload_) return discarded(drop_reason::short_record);
    if (record.payload.size() > most_payload_) return discarded(drop_reason::oversized_plaintext);
    if (record.is(wire::content_type::change_cipher_spec) || record.is(wire::content_type::tls12_cid))
        return discarded(drop_reason::unexpected_record);
    if (over_) return discarded(drop_reason::session_closing);

    // GnuTLS's own replay window loses its contents when `renew` sets a number in it (src/README.md, trap
    // 19).
    auto& window = live_->window;
    if (window.has(record.sequence)) return discarded(drop_reason::replayed_record);

    const push_scope pushes{*this, path, out};
    const auto discarded_before = gnutls_record_get_discarded(session());
    const auto result = receive(record, plaintext);
    const bool taken = !live_->channel.has_offer();
    live_->channel.withdraw_offer();
    if (!taken || gnutls_record_get_discarded(session()) != discarded_before)
        return discarded(drop_reason::bad_record_mac);
    window.note(record.sequence);
    const auto what = interpret(result, record);
    over_ = what.kind == opened_kind::close_notify || what.kind == opened_kind::fatal_alert;
    if (what.kind == opened_kind::renegotiation)  // RFC 9325 3.5: refused; the session goes on
        (void)gnutls_alert_send(session(), GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    return what;
}

/// Calls GnuTLS until it has taken the record. A refused hello costs one extra call, which removes it from
/// GnuTLS's queue. GnuTLS never takes a record that is larger than its buffer.
std::ptrdiff_t attached_protection::receive(const wire::record_view& record,
                                            std::span<std::byte> plaintext) noexcept
{
    constexpr int max_calls = 4;
    std::ptrdiff_t result = GNUTLS_E_AGAIN;
    live_->channel.offer(record);
    for (int i = 0; i < max_calls && live_->channel.has_offer(); ++i)
        result = gnutls_record_recv(session(), plaintext.data(), plaintext.size());
    return result;
}

/// Interprets the result that GnuTLS returns for an authentic record.
opened attached_protection::interpret(std::ptrdiff_t result, const wire::record_view& record) const noexcept
{
    if (result > 0) return {opened_kind::message, static_cast<std::size_t>(result), {}};
    switch (result) {
        case 0:
        case GNUTLS_E_PREMATURE_TERMINATION:
            return {opened_kind::close_notify, 0, {}};
        case GNUTLS_E_REHANDSHAKE:
            return {opened_kind::renegotiation, 0, {}};
        case GNUTLS_E_FATAL_ALERT_RECEIVED:
            return {opened_kind::fatal_alert, 0, {}};
        case GNUTLS_E_WARNING_ALERT_RECEIVED:
            return {opened_kind::warning, 0, {}};
        case GNUTLS_E_AGAIN:
        case GNUTLS_E_INTERRUPTED:
        case GNUTLS_E_TIMEDOUT:  // after the handshake's time-out (src/README.md, trap 8)
            if (record.is(wire::content_type::handshake)) return {opened_kind::repeated_finished, 0, {}};
            // GnuTLS skips an empty message as if there were none.
            if (record.is(wire::content_type::application_data)) return {opened_kind::message, 0, {}};
            [[fallthrough]];
        default:  // heartbeat is UNEXPECTED_PACKET, "fatal", and does no harm (src/README.md, trap 16)
            return discarded(drop_reason::unexpected_record);
    }
}

sealed attached_protection::seal(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept
{
    if (message.empty()) return sealed::empty;  // GnuTLS: INVALID_REQUEST
    if (message.size() > max_message_size()) return sealed::too_large;
    const push_scope pushes{*this, path, out};
    const auto result = gnutls_record_send(session(), message.data(), message.size());
    if (result >= 0) return sealed::sent;
    return result == GNUTLS_E_LARGE_PACKET ? sealed::too_large : sealed::exhausted;
}

void attached_protection::send_alert(record::alert what, const wire::path& path, wire::outbox& out) noexcept
{
    const push_scope pushes{*this, path, out};
    (void)gnutls_alert_send(session(), GNUTLS_AL_WARNING, static_cast<gnutls_alert_description_t>(what));
}

void attached_protection::renew(std::span<std::byte> record) noexcept { (void)reseal(session(), record, 0); }

std::size_t attached_protection::max_message_size() const noexcept
{
    return std::min<std::size_t>(gnutls_dtls_get_data_mtu(session()), live_->sizes.limit());
}

void attached_protection::pushed(wire::bytes record) noexcept
{
    // GnuTLS retransmits its last flight by its own clock. The association keeps and retransmits quivive's
    // flight.
    const auto type = static_cast<wire::content_type>(record.front());
    const bool ours = type == wire::content_type::application_data || type == wire::content_type::alert;
    if (ours && outlet_) outlet_->out.send(outlet_->path, record);
}

}  // namespace quivive::tls
