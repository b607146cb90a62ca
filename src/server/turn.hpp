#pragma once

#include <utility>

namespace quivive::detail {

/// Says, for as long as it lives, that a turn is under way: a handler may end one by an exception, which is
/// for whoever runs the executor, and must stop nobody else.
class turn {
public:
    explicit turn(bool& under_way) noexcept : under_way_{under_way}, was_{std::exchange(under_way, true)} {}
    ~turn() { under_way_ = was_; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

private:
    bool& under_way_;
    bool was_;  ///< turns may be within each other
};

}  // namespace quivive::detail
