#pragma once

#include "wire/bytes.hpp"

#include <cstdint>
#include <vector>

namespace quivive::tls {

/// The cipher suites of GnuTLS that are for a pre-shared key.
class psk_suite_set {
public:
    psk_suite_set();

    /// Whether one of `offered` is among them: two bytes each, as a ClientHello has them.
    [[nodiscard]] bool any_of(wire::bytes offered) const noexcept;

private:
    std::vector<std::uint16_t> known_;  // in order
};

}  // namespace quivive::tls
