#pragma once

#include "wire/record.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quivive::tls {

[[nodiscard]] inline std::size_t size_in_bytes(const wire::record_view& record) noexcept
{
    return wire::record_header_size + record.payload.size();
}

/// Writes a record from its members, not from `whole`: the payload may be a part of what arrived. `number` is
/// its epoch and sequence number.
inline void write_record(std::span<std::byte> out, const wire::record_view& record,
                         std::uint64_t number) noexcept
{
    out[0] = static_cast<std::byte>(record.type);
    wire::write_integer(out.subspan(1, 2), record.version);
    wire::write_integer(out.subspan(3, 8), number);
    wire::write_integer(out.subspan(11, 2), record.payload.size());
    std::ranges::copy(record.payload, out.begin() + wire::record_header_size);
}

[[nodiscard]] inline std::uint64_t number_of(const wire::record_view& record) noexcept
{
    return std::uint64_t{record.epoch} << 48 | record.sequence;
}

}  // namespace quivive::tls
