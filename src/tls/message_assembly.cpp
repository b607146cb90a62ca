#include "tls/message_assembly.hpp"

#include <algorithm>
#include <new>

namespace quivive::tls {

namespace {

/// Memory that the first fragment of a message takes in addition to its own bytes.
constexpr std::size_t bytes_of_first = wire::handshake_header_size + partial_message::bytes_a_piece;

}  // namespace

std::vector<message_assembly::entry>::iterator message_assembly::first_from(
    std::uint16_t message_seq) noexcept
{
    return std::ranges::find_if(messages_,
                                [=](const entry& each) { return each.message.message_seq() >= message_seq; });
}

bool message_assembly::has(std::uint16_t message_seq) const noexcept
{
    return std::ranges::any_of(messages_,
                               [=](const entry& each) { return each.message.message_seq() == message_seq; });
}

std::optional<drop_reason> message_assembly::add(const wire::handshake_view& fragment) noexcept
try {
    const auto seq = fragment.message_seq;
    bool known = has(seq);
    auto missing = fragment.body.size();
    if (const auto place = first_from(seq); known) {
        if (!place->message.agrees_with(fragment)) {
            place->disputed = true;
            return drop_reason::inconsistent_fragment;
        }
        missing = place->message.missing_of(fragment);
        if (missing == 0 && !place->disputed) return std::nullopt;
        if (missing == 0) {  // the peer retransmits, perhaps because a part was forged
            messages_.erase(place);
            known = false;
            missing = fragment.body.size();
        }
    }
    if (known && first_from(seq)->message.is_too_scattered_for(fragment))
        return drop_reason::handshake_out_of_order;
    const auto more = missing + (known ? partial_message::max_beside : bytes_of_first);
    if (!make_room(more, seq)) return drop_reason::handshake_out_of_order;

    if (known) {  // only later messages were discarded to free space
        first_from(seq)->message.add(fragment);
    } else {
        partial_message begun{fragment};
        begun.add(fragment);
        messages_.insert(first_from(seq), entry{std::move(begun)});
    }
    return std::nullopt;
} catch (const std::bad_alloc&) {
    return drop_reason::handshake_out_of_order;
}

message_forecast message_assembly::forecast(std::uint16_t message_seq) const noexcept
{
    for (const auto& each : messages_)
        if (each.message.message_seq() == message_seq) return {each.message, each.disputed};
    return {};
}

std::optional<whole_message> message_assembly::take(std::uint16_t message_seq) noexcept
try {
    messages_.erase(messages_.begin(), first_from(message_seq));
    if (!has(message_seq) || !messages_.front().message.whole()) return std::nullopt;
    auto taken = messages_.front().message.take();
    messages_.erase(messages_.begin());
    return taken;
} catch (const std::bad_alloc&) {
    return std::nullopt;
}

void message_assembly::remove_disputed() noexcept
{
    std::erase_if(messages_, [](const entry& each) { return each.disputed; });
}

std::size_t message_assembly::size_bytes() const noexcept
{
    std::size_t sum = 0;
    for (const auto& each : messages_) sum += each.message.size_bytes();
    return sum;
}

bool message_assembly::make_room(std::size_t more, std::uint16_t message_seq) noexcept
{
    while (size_bytes() + more > capacity_) {
        if (messages_.empty() || messages_.back().message.message_seq() <= message_seq) return false;
        messages_.pop_back();
    }
    return true;
}

}  // namespace quivive::tls
