#pragma once

#include "wire/record.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace quivive::tls {

[[nodiscard]] inline std::size_t size_in_bytes(const wire::record_view& record) noexcept
{
    return wire::record_header_size + record.connection_id.size() + record.payload.size();
}

/// Writes a record from its members, not from `whole`, since the payload may be a part of the received
/// record. `number` is its epoch and sequence number.
inline void write_record(std::span<std::byte> out, const wire::record_view& record,
                         std::uint64_t number) noexcept
{
    out[0] = static_cast<std::byte>(record.type);
    wire::write_integer(out.subspan(1, 2), record.version);
    wire::write_integer(out.subspan(3, 8), number);
    wire::copy(record.connection_id, out.subspan(11));
    const auto rest = out.subspan(11 + record.connection_id.size());
    wire::write_integer(rest.first(2), record.payload.size());
    wire::copy(record.payload, rest.subspan(2));
}

}  // namespace quivive::tls
