#include "tls/handshake_filter.hpp"

#include <algorithm>
#include <utility>

namespace quivive::tls {

namespace {

/// Returns true when the fragment lies within its claimed length. An empty fragment is sound only if that
/// length is 0.
bool is_sound(const wire::handshake_view& message) noexcept
{
    return message.fragment_offset + message.body.size() <= message.length &&
           (!message.body.empty() || message.length == 0);
}

}  // namespace

handshake_filter::filter_result handshake_filter::check(const wire::handshake_view& message) noexcept
{
    const auto seq = message.message_seq;
    const bool vouched = std::exchange(vouched_, false);
    if (message.length > max_size_of(message.type)) return check_oversized(message, vouched);
    if (!is_sound(message)) return {action::drop, drop_reason::inconsistent_fragment};

    // The only message before the first is the hello that a HelloVerifyRequest has answered. It needs no
    // response.
    if (seq >= first_ && seq < answered_) return {action::repeat, drop_reason::repeated_flight};
    if (seq < next_) return {action::drop, drop_reason::repeated_flight};
    if (seq >= next_ + window) return {action::drop, drop_reason::handshake_out_of_order};
    return {.what = action::take};
}

bool handshake_filter::is_next(const wire::handshake_view& message) const noexcept
{
    return message.message_seq == next_ && message.length <= max_size_of(message.type) && is_sound(message);
}

/// A hello may have a ticket. The ticket may contain a chain of the largest size, in addition to everything
/// else in a hello.
std::size_t handshake_filter::max_size_of(wire::handshake_type type) const noexcept
{
    return type == wire::handshake_type::client_hello ? max_bytes_ + std::min(max_bytes_ / 4, 4'096U)
                                                      : max_bytes_;
}

/// Refuses the message once the peer has sent more bytes of such messages than the limit for one message.
/// Anyone can forge a header or two, and these must not end the handshake of a peer that never sent them. An
/// attacker who forges this much can also forge the next expected message. Such a message can always end a
/// handshake.
handshake_filter::filter_result handshake_filter::check_oversized(const wire::handshake_view& message,
                                                                  bool vouched) noexcept
{
    const auto seq = message.message_seq;
    if (seq >= next_ && seq < next_ + window)
        oversized_bytes_ += static_cast<std::uint32_t>(message.body.size());
    return {vouched || oversized_bytes_ > max_bytes_ ? action::refuse : action::drop,
            drop_reason::oversized_handshake};
}

void handshake_filter::taken(std::uint32_t messages) noexcept
{
    if (first_ + messages == next_) return;
    next_ = first_ + messages;
    oversized_bytes_ = 0;
}

}  // namespace quivive::tls
