#pragma once

#include "dispatch/work_meter.hpp"

namespace quivive::test {

/// Reports a fixed time, set by the test, for each piece of handshake work.
struct fixed_meter final : dispatch::work_meter {
    duration each{};

    void begin() noexcept override {}
    [[nodiscard]] duration end() noexcept override { return each; }
};

}  // namespace quivive::test
