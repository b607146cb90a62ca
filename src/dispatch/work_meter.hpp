#pragma once

#include "wire/time.hpp"

namespace quivive::dispatch {

/// Measures the CPU time of handshakes. Passed in, since `now` does not advance during the work, and this
/// layer reads no clock.
class work_meter {
public:
    /// Starts the measurement on this thread.
    virtual void begin() noexcept = 0;
    /// Ends the measurement. Returns the known CPU time of handshakes that no earlier call has returned. A
    /// later call may return the time of the last millisecond.
    [[nodiscard]] virtual duration end() noexcept = 0;

protected:
    ~work_meter() = default;
};

}  // namespace quivive::dispatch
