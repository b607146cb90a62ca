#include "tls/handshake_filter.hpp"

namespace quivive::tls {

std::optional<drop_reason> handshake_filter::check_shape(wire::bytes payload) noexcept
{
    std::size_t count = 0;
    for (wire::reader in{payload}; count == 0 || !in.done(); ++count) {
        if (count == max_fragments_in_record) return drop_reason::too_many_fragments;
        (void)wire::read_handshake(in);
        if (!in.ok()) return drop_reason::inconsistent_fragment;
    }
    return std::nullopt;
}

handshake_filter::judgement handshake_filter::judge(const wire::handshake_view& message) noexcept
{
    const auto seq = message.message_seq;
    if (message.length > max_bytes_) return {verdict::drop, drop_reason::oversized_handshake};
    if (message.fragment_offset + message.body.size() > message.length ||
        (message.body.empty() && message.length > 0))
        return {verdict::drop, drop_reason::inconsistent_fragment};

    // Before the first there was only the hello that a HelloVerifyRequest has answered: it asks for nothing.
    if (seq >= first_ && seq < answered_) return {verdict::repeat, drop_reason::repeated_flight};
    if (seq < next_) return {verdict::drop, drop_reason::repeated_flight};
    if (seq >= next_ + window) return {verdict::drop, drop_reason::handshake_out_of_order};
    if (seq > next_) return {verdict::keep, drop_reason::handshake_out_of_order};

    if (!claim_) claim_ = claim{message.type, message.length};
    if (claim_->type != message.type || claim_->length != message.length)
        return {verdict::drop, drop_reason::inconsistent_fragment};
    return {.what = verdict::feed};
}

void handshake_filter::taken(std::uint32_t messages) noexcept
{
    if (first_ + messages == next_) return;
    next_ = first_ + messages;
    claim_.reset();
}

}  // namespace quivive::tls
