#pragma once

#include <utility>

namespace quivive::detail {

/// Sets a flag while a turn is in progress. A handler may end a turn by an exception. The flag is then
/// restored, so that the exception affects only the caller that runs the executor.
class turn {
public:
    explicit turn(bool& under_way) noexcept : under_way_{under_way}, was_{std::exchange(under_way, true)} {}
    ~turn() { under_way_ = was_; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

private:
    bool& under_way_;
    bool was_;  ///< turns may be nested
};

}  // namespace quivive::detail
