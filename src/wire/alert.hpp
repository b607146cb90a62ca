#pragma once

#include "wire/bytes.hpp"
#include "wire/record.hpp"

#include <array>
#include <cstdint>

namespace quivive::wire {

/// Alert descriptions that quivive sends without a GnuTLS session (RFC 5246 7.2).
enum class alert_description : std::uint8_t { access_denied = 49, protocol_version = 70 };

using alert_record = std::array<std::byte, record_header_size + 2>;

/// Returns an unencrypted fatal alert (RFC 5246 7.2) in response to a ClientHello whose record had this
/// version and this sequence number. Shorter than any ClientHello.
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
