#include "tls/flight.hpp"

#include "wire/record.hpp"

#include <algorithm>

namespace quivive::tls {

namespace {

constexpr std::size_t epoch_at = 3, sequence_at = 5, length_at = 11;
constexpr std::uint64_t sequence_mask = (std::uint64_t{1} << 48) - 1;

}  // namespace

bool flight::is_plaintext(wire::bytes record) noexcept
{
    wire::reader epoch{record.subspan(epoch_at)};
    return epoch.u16() == 0;
}

std::size_t flight::size_of_first(wire::bytes records) noexcept
{
    wire::reader length{records.subspan(length_at)};
    return std::min<std::size_t>(wire::record_header_size + length.u16(), records.size());
}

void flight::begin() noexcept { records_.clear(); }

void flight::add(wire::bytes record) { records_.insert(records_.end(), record.begin(), record.end()); }

void flight::send(const wire::path& path, wire::outbox& out)
{
    for_each_record([&](std::span<std::byte> record) {
        if (is_plaintext(record))
            wire::write_integer(record.subspan(sequence_at, 6), next_sequence_++ & sequence_mask);
    });
    for (wire::bytes rest{records_}; !rest.empty();) {
        auto datagram = size_of_first(rest);
        while (datagram < rest.size() && datagram + size_of_first(rest.subspan(datagram)) <= mtu_)
            datagram += size_of_first(rest.subspan(datagram));
        out.send(path, rest.first(datagram));
        rest = rest.subspan(datagram);
    }
}

void flight::forget() noexcept
{
    records_.clear();
    records_.shrink_to_fit();
}

}  // namespace quivive::tls
