#include "tls/partial_message.hpp"

#include <algorithm>
#include <utility>

namespace quivive::tls {

namespace {

/// Room for so many more. Grows in strides, so that many small fragments are not many copies, but never
/// beyond the message.
template <typename Element>
void make_room(std::vector<Element>& in, std::size_t more, std::size_t most)
{
    const auto wanted = in.size() + more;
    if (wanted > in.capacity()) in.reserve(std::max(wanted, std::min(2 * in.capacity(), most)));
}

std::uint32_t end_of(const wire::handshake_view& fragment) noexcept
{
    return fragment.fragment_offset + static_cast<std::uint32_t>(fragment.body.size());
}

}  // namespace

partial_message::partial_message(const wire::handshake_view& first)
    : type_{first.type}, seq_{first.message_seq}, length_{first.length}, bytes_(wire::handshake_header_size)
{
}

template <typename Visit>
void partial_message::for_each_gap(std::uint32_t from, std::uint32_t to, Visit visit) const
{
    auto at = wire::handshake_header_size;
    for (const auto& each : parts_) {
        if (each.begin >= to) break;
        if (from < each.begin) visit(from, each.begin, at);
        from = std::max(from, each.end);
        at += each.size();
    }
    if (from < to) visit(from, to, at);
}

bool partial_message::agrees_with(const wire::handshake_view& fragment) const noexcept
{
    if (fragment.type != type_ || fragment.length != length_) return false;
    auto at = wire::handshake_header_size;
    for (const auto& each : parts_) {
        const auto from = std::max(each.begin, fragment.fragment_offset);
        const auto to = std::min(each.end, end_of(fragment));
        if (from < to &&
            !std::ranges::equal(wire::bytes{bytes_}.subspan(at + from - each.begin, to - from),
                                fragment.body.subspan(from - fragment.fragment_offset, to - from)))
            return false;
        at += each.size();
    }
    return true;
}

std::size_t partial_message::missing_of(const wire::handshake_view& fragment) const noexcept
{
    std::size_t sum = 0;
    for_each_gap(fragment.fragment_offset, end_of(fragment),
                 [&](std::uint32_t from, std::uint32_t to, std::size_t) { sum += to - from; });
    return sum;
}

void partial_message::add(const wire::handshake_view& fragment)
{
    const auto missing = missing_of(fragment);
    if (missing == 0) return;
    make_room(bytes_, missing, wire::handshake_header_size + length_);
    make_room(parts_, 1, length_);
    std::size_t added = 0;  // ahead of where the next gap was found
    for_each_gap(fragment.fragment_offset, end_of(fragment),
                 [&](std::uint32_t from, std::uint32_t to, std::size_t at) {
                     const auto piece = fragment.body.subspan(from - fragment.fragment_offset, to - from);
                     bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(at + added), piece.begin(),
                                   piece.end());
                     added += piece.size();
                 });
    join({fragment.fragment_offset, end_of(fragment)});
}

/// Parts that it touches become one with it.
void partial_message::join(part added)
{
    const auto first =
        std::ranges::find_if(parts_, [&](const part& each) { return each.end >= added.begin; });
    auto last = first;
    for (; last != parts_.end() && last->begin <= added.end; ++last) {
        added.begin = std::min(added.begin, last->begin);
        added.end = std::max(added.end, last->end);
    }
    parts_.insert(parts_.erase(first, last), added);
}

bool partial_message::whole() const noexcept
{
    return length_ == 0 || (parts_.size() == 1 && parts_.front().size() == length_);
}

whole_message partial_message::take() noexcept
{
    parts_.clear();
    return {type_, seq_, std::move(bytes_)};
}

}  // namespace quivive::tls
