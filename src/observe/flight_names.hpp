#pragma once

#include "wire/bytes.hpp"

#include <array>
#include <string_view>

namespace quivive::observe {

/// Room for the names of a datagram's messages.
using name_buffer = std::array<char, 256>;

/// What a datagram carries of a handshake, e.g. "ServerHello, Certificate", in `buffer`; empty when nothing:
/// application data, noise. What is encrypted is named by its record, "Finished" being the only one that a
/// handshake has.
[[nodiscard]] std::string_view name_flight(wire::bytes datagram, name_buffer& buffer) noexcept;

}  // namespace quivive::observe
