#pragma once

#include "wire/bytes.hpp"

#include <array>
#include <string_view>

namespace quivive::observe {

/// Memory for the names of a datagram's messages.
using name_buffer = std::array<char, 256>;

/// Writes the names of the handshake messages in a datagram to `buffer`, e.g. "ServerHello, Certificate", and
/// returns them. Empty for application data and noise. An encrypted handshake record is named "Finished",
/// since Finished is the only encrypted message of a handshake.
[[nodiscard]] std::string_view name_flight(wire::bytes datagram, name_buffer& buffer) noexcept;

}  // namespace quivive::observe
