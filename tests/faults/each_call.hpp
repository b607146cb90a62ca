#pragma once

#include "faults/meeting.hpp"

#include <cstdint>

namespace quivive::test {

/// Of a meeting without a fault, which must go as it should.
[[nodiscard]] std::uint64_t usual_losses_of(const manner& how);

/// A meeting for each call that `tested` makes of this function in one, in which that call fails, and a fresh
/// client with the same server after it. How many calls there are.
unsigned fail_each_call(const manner& how, side tested, const char* function, std::uint64_t usual_losses);

}  // namespace quivive::test
