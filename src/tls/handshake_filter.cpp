#include "tls/handshake_filter.hpp"

#include <algorithm>

namespace quivive::tls {

std::optional<drop_reason> handshake_filter::check(wire::bytes payload) noexcept
{
    bool all_repeated = true;
    std::size_t count = 0;
    for (wire::reader in{payload}; !in.done() || count == 0; ++count) {
        if (count == max_messages_in_record) return drop_reason::too_many_fragments;
        const auto message = wire::read_handshake(in);
        if (!in.ok()) return drop_reason::inconsistent_fragment;
        const auto problem = check(message);
        if (problem && *problem != drop_reason::repeated_flight) return problem;
        if (!problem) all_repeated = false;
    }
    if (all_repeated) return drop_reason::repeated_flight;
    return std::nullopt;
}

std::optional<drop_reason> handshake_filter::check(const wire::handshake_view& message) noexcept
{
    if (message.length > max_bytes_) return drop_reason::oversized_handshake;
    if (message.fragment_offset + message.body.size() > message.length)
        return drop_reason::inconsistent_fragment;
    if (message.body.empty() && message.length > 0) return drop_reason::inconsistent_fragment;

    if (message.message_seq < first_open_) return drop_reason::repeated_flight;
    const auto place = message.message_seq - first_open_;
    if (place >= window) return drop_reason::handshake_out_of_order;

    auto& claimed = claims_[place];
    if (claimed.made && (claimed.type != message.type || claimed.length != message.length))
        return drop_reason::inconsistent_fragment;
    claimed = {true, message.type, message.length};
    next_ = std::max(next_, message.message_seq + 1U);
    return std::nullopt;
}

void handshake_filter::answered() noexcept
{
    first_open_ = next_;
    claims_ = {};
}

}  // namespace quivive::tls
