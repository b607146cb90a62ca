#pragma once

#include "bench/micro/hostile_victim.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace quivive::bench {

/// Records of one shape, which nobody has authenticated.
struct shape {
    std::string name;
    stage at = stage::flight_sent;
    std::size_t sealed_bytes = 0;  ///< of each, that a cipher may go over
    std::size_t count = 1'000;     ///< to one handshake
    std::function<test::octets(std::size_t)> make;
    std::vector<test::octets> before{};  ///< records that come first, as early ones and again
};

/// A fragment, in the clear, of a message of 30 000 bytes.
[[nodiscard]] test::octets hostile_fragment(std::uint16_t seq, std::size_t offset, wire::handshake_type type,
                                            std::size_t size = 1);

[[nodiscard]] std::vector<shape> shapes_of(const scene& in);

}  // namespace quivive::bench
