#include "tls/message_forecast.hpp"

#include <algorithm>
#include <span>

namespace quivive::tls {

namespace {

/// Returns the part of a fragment between two offsets in its message.
wire::handshake_view part_of(const wire::handshake_view& fragment, std::uint32_t from,
                             std::uint32_t to) noexcept
{
    auto part = fragment;
    part.fragment_offset = from;
    part.body = fragment.body.subspan(from - fragment.fragment_offset, to - from);
    return part;
}

bool agree(const wire::handshake_view& one, const wire::handshake_view& other) noexcept
{
    if (one.type != other.type || one.length != other.length) return false;
    const auto from = std::max(one.fragment_offset, other.fragment_offset);
    const auto to = std::min(end_of(one), end_of(other));
    return from >= to || wire::equal(part_of(one, from, to).body, part_of(other, from, to).body);
}

}  // namespace

/// Follows `message_assembly::add`. A fragment for which the assembly would have no space counts as added.
bool message_forecast::whole_with(const wire::handshake_view& fragment) noexcept
{
    // A whole message is passed on unchanged when there was no space for the fragments before it.
    if (anew_ && fragment.whole()) return true;
    if (!agrees_with(fragment)) {
        disputed_ = true;
        return false;
    }
    auto missing = missing_of(fragment);
    if (missing == 0 && !disputed_) return false;
    if (missing == 0) {
        *this = {};
        anew_ = false;
        missing = fragment.body.size();
    }
    if (count_ == added_.size()) return true;  // more fragments than one record can have
    added_[count_++] = fragment;
    come_ += missing;
    return come_ == fragment.length;
}

bool message_forecast::agrees_with(const wire::handshake_view& fragment) const noexcept
{
    return (!begun_ || begun_->agrees_with(fragment)) &&
           std::ranges::all_of(std::span{added_}.first(count_),
                               [&](const auto& each) { return agree(each, fragment); });
}

/// Skips the parts that the record itself has added, and checks the rest against the partial message.
std::size_t message_forecast::missing_of(const wire::handshake_view& fragment) const noexcept
{
    const auto end = end_of(fragment);
    std::size_t missing = 0;
    for (auto at = fragment.fragment_offset; at < end;) {
        auto stop = end, behind = at;
        for (const auto& each : std::span{added_}.first(count_)) {
            if (each.fragment_offset <= at)
                behind = std::max(behind, end_of(each));
            else
                stop = std::min(stop, each.fragment_offset);
        }
        if (behind == at) {
            const auto part = part_of(fragment, at, stop);
            missing += begun_ ? begun_->missing_of(part) : part.body.size();
            behind = stop;
        }
        at = behind;
    }
    return missing;
}

}  // namespace quivive::tls
