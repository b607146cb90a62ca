#include "tls/partial_message.hpp"

#include <algorithm>
#include <utility>

namespace quivive::tls {

namespace {

/// Reserves space for `more` bytes, in strides, so that many small fragments do not cause many copies.
/// Strides are short, since the memory holds no bytes yet. Returns the added capacity.
std::size_t make_room(std::vector<std::byte>& in, std::size_t more)
{
    const auto before = in.capacity(), wanted = in.size() + more;
    if (wanted > before)
        in.reserve(std::max(wanted, in.size() + in.size() / 8 + partial_message::min_stride));
    return in.capacity() - before;
}

}  // namespace

partial_message::partial_message(const wire::handshake_view& first) noexcept
    : type_{first.type}, seq_{first.message_seq}, length_{first.length}
{
}

std::size_t partial_message::first_behind(std::uint32_t at) const noexcept
{
    const auto found = std::ranges::upper_bound(pieces_, at, {}, &piece::end);
    return static_cast<std::size_t>(found - pieces_.begin());
}

bool partial_message::agrees_with(const wire::handshake_view& fragment) const noexcept
{
    if (fragment.type != type_ || fragment.length != length_) return false;
    const auto begin = fragment.fragment_offset, end = end_of(fragment);
    for (auto i = first_behind(begin); i < pieces_.size() && pieces_[i].begin < end; ++i) {
        const auto& each = pieces_[i];
        const auto from = std::max(each.begin, begin), to = std::min(each.end(), end);
        if (!wire::equal(wire::bytes{each.bytes}.subspan(from - each.begin, to - from),
                         fragment.body.subspan(from - begin, to - from)))
            return false;
    }
    return true;
}

std::size_t partial_message::missing_of(const wire::handshake_view& fragment) const noexcept
{
    const auto begin = fragment.fragment_offset, end = end_of(fragment);
    std::size_t missing = end - begin;
    for (auto i = first_behind(begin); i < pieces_.size() && pieces_[i].begin < end; ++i)
        missing -= std::min(pieces_[i].end(), end) - std::max(pieces_[i].begin, begin);
    return missing;
}

bool partial_message::is_too_scattered_for(const wire::handshake_view& fragment) const noexcept
{
    if (pieces_.size() < max_pieces) return false;
    const auto begin = fragment.fragment_offset;
    const auto behind = first_behind(begin);
    const bool touches_next = behind < pieces_.size() && pieces_[behind].begin <= end_of(fragment);
    const bool touches_former = behind > 0 && pieces_[behind - 1].end() == begin;
    return !touches_next && !touches_former;
}

/// Existing bytes stay in place. Only pieces that lie within the fragment are replaced by it.
void partial_message::add(const wire::handshake_view& fragment)
{
    auto begin = fragment.fragment_offset, end = end_of(fragment);
    auto first = pieces_.begin() + static_cast<std::ptrdiff_t>(first_behind(begin));
    if (first != pieces_.end() && first->begin <= begin) begin = std::min((first++)->end(), end);
    auto last = first;
    while (last != pieces_.end() && last->end() <= end) ++last;
    if (last != pieces_.end()) end = std::min(end, last->begin);
    if (begin < end)
        put(begin, fragment.body.subspan(begin - fragment.fragment_offset, end - begin), first, last);
}

/// Replaces these pieces by `bytes`, and joins them with one piece that they touch, up to `joined_size`.
void partial_message::put(std::uint32_t begin, wire::bytes bytes, iterator first, iterator last)
{
    const auto size = static_cast<std::uint32_t>(bytes.size());
    std::uint32_t replaced = 0;
    std::size_t freed = 0;
    for (auto each = first; each != last; ++each) {
        replaced += static_cast<std::uint32_t>(each->bytes.size());
        freed += each->bytes.capacity();
    }
    const auto joins = [size](const piece& with) { return with.bytes.size() + size <= joined_size; };

    if (first != pieces_.begin() && std::prev(first)->end() == begin && joins(*std::prev(first))) {
        auto& former = std::prev(first)->bytes;
        reserved_ += make_room(former, size);
        former.insert(former.end(), bytes.begin(), bytes.end());
        pieces_.erase(first, last);
    } else if (last != pieces_.end() && last->begin == begin + size && joins(*last)) {
        reserved_ += make_room(last->bytes, size);
        last->bytes.insert(last->bytes.begin(), bytes.begin(), bytes.end());
        last->begin = begin;
        pieces_.erase(first, last);
    } else {
        piece made{begin, {bytes.begin(), bytes.end()}};
        const auto reserved = made.bytes.capacity();
        if (first == last) {
            pieces_.insert(first, std::move(made));
        } else {
            *first = std::move(made);
            pieces_.erase(std::next(first), last);
        }
        reserved_ += reserved;
    }
    reserved_ -= freed;
    come_ += size - replaced;
}

whole_message partial_message::take()
{
    std::vector<std::byte> all;
    all.reserve(wire::handshake_header_size + length_);
    all.resize(wire::handshake_header_size);
    for (const auto& each : pieces_) all.insert(all.end(), each.bytes.begin(), each.bytes.end());
    pieces_.clear();
    come_ = 0;
    reserved_ = 0;
    return {type_, seq_, std::move(all)};
}

}  // namespace quivive::tls
