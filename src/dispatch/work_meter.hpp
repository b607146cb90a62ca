#pragma once

#include "wire/time.hpp"

namespace quivive::dispatch {

/// Measures how much of the CPU handshakes take. Passed in, since `now` stands still meanwhile, and nothing
/// here reads a clock.
class work_meter {
public:
    /// Work on a handshake begins, on this thread.
    virtual void begin() noexcept = 0;
    /// The work has ended. The CPU time of handshakes that no call has told yet, as far as it is known by
    /// now: what the last millisecond has taken may come with a later call.
    [[nodiscard]] virtual duration end() noexcept = 0;

protected:
    ~work_meter() = default;
};

}  // namespace quivive::dispatch
