#pragma once

#include "wire/bytes.hpp"
#include "wire/record.hpp"

#include <array>
#include <cstdint>

namespace quivive::wire {

/// RFC 5246 7.2; only those that are sent without a GnuTLS session.
enum class alert_description : std::uint8_t { access_denied = 49, protocol_version = 70 };

using alert_record = std::array<std::byte, record_header_size + 2>;

/// A fatal alert in the clear (RFC 5246 7.2), in answer to a ClientHello whose record had this version and
/// this number. Shorter than any ClientHello.
[[nodiscard]] inline alert_record make_fatal_alert(std::uint16_t version, std::uint64_t sequence,
                                                   alert_description what) noexcept
{
    constexpr std::byte fatal{2};
    alert_record alert{std::byte{static_cast<std::uint8_t>(content_type::alert)}};
    const std::span<std::byte> all{alert};
    write_integer(all.subspan<1, 2>(), version);
    write_integer(all.subspan<5, 6>(), sequence);
    write_integer(all.subspan<11, 2>(), 2);
    alert[record_header_size] = fatal;
    alert[record_header_size + 1] = std::byte{static_cast<std::uint8_t>(what)};
    return alert;
}

}  // namespace quivive::wire
