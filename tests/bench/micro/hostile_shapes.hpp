#pragma once

#include "bench/micro/hostile_victim.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace quivive::bench {

/// Unauthenticated records of one shape.
struct shape {
    std::string name;
    stage at = stage::flight_sent;
    std::size_t sealed_bytes = 0;  ///< bytes of each that a cipher may process
    std::size_t count = 1'000;     ///< records for one handshake
    std::function<test::octets(std::size_t)> make;
    std::vector<test::octets> before{};  ///< records that arrive first, as early records and again
};

/// Returns an unencrypted fragment of a message of 30 000 bytes.
[[nodiscard]] test::octets hostile_fragment(std::uint16_t seq, std::size_t offset, wire::handshake_type type,
                                            std::size_t size = 1);

[[nodiscard]] std::vector<shape> shapes_of(const scene& in);

}  // namespace quivive::bench
