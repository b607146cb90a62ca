#pragma once

#include "faults/meeting.hpp"

#include <cstdint>

namespace quivive::test {

/// Runs a meeting without a fault, which must succeed. Returns its losses.
[[nodiscard]] std::uint64_t usual_losses_of(const manner& how);

/// Runs one meeting for each call that `tested` makes of this function. That call fails, and a new client
/// then uses the same server. Returns the number of calls.
unsigned fail_each_call(const manner& how, side tested, const char* function, std::uint64_t usual_losses);

}  // namespace quivive::test
