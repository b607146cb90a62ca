#pragma once

#include "quivive/load.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <optional>

namespace quivive::gate {

/// Sum of an amount over the last second. Adds the current one-second window and, in proportion, the part of
/// the previous window that is less than a second old. Stores two numbers, whatever the rate.
class sliding_second {
public:
    explicit sliding_second(time_point now) noexcept : begin_{now} {}

    void add(std::uint64_t amount, time_point now) noexcept;
    [[nodiscard]] std::uint64_t sum(time_point now) noexcept;

private:
    void slide(time_point now) noexcept;

    time_point begin_;
    std::uint64_t before_ = 0;
    std::uint64_t present_ = 0;
};

/// Measures the load from new handshakes and determines when it is high (`load_marks`). Allocates nothing.
/// Not thread-safe.
class load_meter {
public:
    load_meter(const load_marks& marks, std::size_t max_half_open, time_point now) noexcept;

    /// Replaces the marks. The state stays until the next `update`.
    void use(const load_marks& marks, std::size_t max_half_open) noexcept;

    /// Counts a ClientHello of an unknown peer.
    void hello(time_point now) noexcept { hellos_.add(1, now); }
    /// Adds CPU time spent on handshakes.
    void add_work(duration cpu, time_point now) noexcept;

    /// Evaluates all measures. Returns true when the load became high, or normal again. Call it after any
    /// change of a measure, and at `next_wake()`.
    bool update(std::size_t half_open, time_point now) noexcept;
    [[nodiscard]] const quivive::load& load() const noexcept { return load_; }
    /// Returns when to call `update` next; `no_deadline` when no measure can change by itself.
    [[nodiscard]] time_point next_wake() const noexcept { return next_wake_; }

private:
    [[nodiscard]] bool some_at_upper_mark() const noexcept;
    [[nodiscard]] bool all_below_lower_marks() const noexcept;

    load_marks marks_;
    sliding_second hellos_;
    sliding_second busy_;  ///< CPU time in microseconds
    quivive::load load_;
    std::optional<time_point> below_since_;
    time_point next_wake_ = no_deadline;
};

}  // namespace quivive::gate
