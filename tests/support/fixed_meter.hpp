#pragma once

#include "dispatch/work_meter.hpp"

namespace quivive::test {

/// Each piece of work on a handshake takes as long as a test says.
struct fixed_meter final : dispatch::work_meter {
    duration each{};

    void begin() noexcept override {}
    [[nodiscard]] duration end() noexcept override { return each; }
};

}  // namespace quivive::test
