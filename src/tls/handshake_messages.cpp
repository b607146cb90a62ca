#include "tls/handshake_engine.hpp"
#include "wire/client_hello.hpp"

#include <algorithm>
#include <new>
#include <variant>

// Reception of unencrypted handshake messages by `handshake_engine`.
namespace quivive::tls {

namespace {

/// No hello needs more, except one with a ticket that contains the client's own certificates.
constexpr std::size_t largest_hello = 16'384;

/// Returns the record reduced to its next message.
wire::record_view next_message(const wire::record_view& record, wire::reader& in) noexcept
{
    const auto before = in.rest();
    (void)wire::read_handshake(in);
    auto part = record;
    part.payload = before.first(before.size() - in.rest().size());
    return part;
}

wire::record_view record_of(wire::bytes fragment, const wire::record_view& like) noexcept
{
    auto record = like;
    record.payload = fragment;
    return record;
}

bool is_too_long_a_hello(const whole_message& message, std::size_t max_message_bytes,
                         const wire::record_view& like, const context& shared) noexcept
{
    const auto payload = message.as_one_fragment();
    if (payload.size() - wire::handshake_header_size <= std::min(largest_hello, max_message_bytes))
        return false;
    const auto read = wire::read_client_hello(record_of(payload, like));
    const auto* const hello = std::get_if<wire::client_hello_view>(&read);
    return hello && !(wire::offers_ticket(*hello) && shared.has_chains_in_tickets());
}

}  // namespace

/// Feeds each message of the record by itself, so that GnuTLS never receives one out of order.
feed_result handshake_engine::feed_messages(const wire::record_view& record, time_point now,
                                            wire::outbox& out) noexcept
{
    if (const auto problem = wire::check_messages(record.payload))
        return {.consumed = false, .reason = *problem};
    feed_result result;
    for (wire::reader in{record.payload}; !in.done() && in_progress();) {
        if (const auto problem = feed_message(next_message(record, in), now, out))
            result.reason = *problem;
        else
            result.consumed = true;
    }
    return result;
}

std::optional<drop_reason> handshake_engine::feed_message(const wire::record_view& record, time_point now,
                                                          wire::outbox& out) noexcept
{
    using action = handshake_filter::action;
    wire::reader in{record.payload};
    const auto message = wire::read_handshake(in);
    const auto checked = filter_.check(message);
    switch (checked.what) {
        case action::take:
            // The rest of this flight is never unencrypted (RFC 5246 7.3).
            if (final_keys_) return drop_reason::handshake_out_of_order;
            return take_message(record, message, now, out);
        case action::repeat:
            if (repeatable_.allows(now)) retransmit_flight(now, out);
            break;
        case action::refuse:
            fail(GNUTLS_E_HANDSHAKE_TOO_LARGE, out);
            break;
        case action::drop:
            break;
    }
    return checked.why;
}

/// Does not copy the next message when it arrives in one piece, as nearly all do.
std::optional<drop_reason> handshake_engine::take_message(const wire::record_view& record,
                                                          const wire::handshake_view& message, time_point now,
                                                          wire::outbox& out) noexcept
try {
    const auto seq = message.message_seq;
    const bool in_one = message.whole() && record.payload.size() <= max_at_once() &&
                        message.length <= filter_.max_message_bytes();
    if (in_one && seq == filter_.next() && !(assembly_ && assembly_->has(seq))) {
        (void)pass_to_gnutls(record, now, out);
    } else {
        if (const auto problem = add_to_assembly(message)) return problem;
    }
    while (assembly_ && in_progress()) {
        auto next = assembly_->take(filter_.next());
        if (assembly_->empty()) assembly_.reset();
        if (!next) break;
        if (is_too_long_a_hello(*next, filter_.max_message_bytes(), record, *live_->shared)) {
            fail(GNUTLS_E_HANDSHAKE_TOO_LARGE, out);
            return drop_reason::oversized_handshake;
        }
        while (!next->done() && in_progress())
            (void)pass_to_gnutls(record_of(next->next_fragment(max_at_once()), record), now, out);
    }
    change_cipher(now, out);
    return std::nullopt;
} catch (const std::bad_alloc&) {
    return drop_reason::handshake_out_of_order;
}

/// Messages that are due sooner take the space first: the next message before records of the following epoch.
std::optional<drop_reason> handshake_engine::add_to_assembly(const wire::handshake_view& fragment)
{
    if (!assembly_) assembly_ = std::make_unique<message_assembly>(0);
    const auto wanted = partial_message::max_beside + fragment.body.size();
    if (fragment.message_seq == filter_.next())
        while (capacity_left() < wanted && reorder_buffer_.remove_oldest()) {
        }
    assembly_->limit(assembly_->size_bytes() + capacity_left());
    const auto problem = assembly_->add(fragment);
    if (assembly_->empty()) assembly_.reset();
    return problem;
}

bool handshake_engine::is_costly(const wire::record_view& record) const noexcept
{
    const bool in_clear = record.epoch == 0 && record.is(wire::content_type::handshake);
    if (!in_clear || final_keys_ || wire::check_messages(record.payload)) return false;
    auto next = assembly_ ? assembly_->forecast(filter_.next()) : message_forecast{};
    for (wire::reader in{record.payload}; !in.done();) {
        const auto message = wire::read_handshake(in);
        if (filter_.is_next(message) && next.whole_with(message)) return true;
    }
    return false;
}

/// GnuTLS silently drops a longer unencrypted record. A peer may have requested less than the usual 16 kB
/// (RFC 6066 4).
std::size_t handshake_engine::max_at_once() const noexcept
{
    return gnutls_record_get_max_size(live_->session.get());
}

}  // namespace quivive::tls
