#pragma once

#include <utility>

namespace quivive::runtime {

/// Sets a flag while a turn is in progress. A handler may end a turn by an exception. The flag is then
/// restored, so that the exception affects only the caller that runs the executor.
class scoped_flag {
public:
    explicit scoped_flag(bool& flag) noexcept : flag_{flag}, was_{std::exchange(flag, true)} {}
    ~scoped_flag() { flag_ = was_; }
    scoped_flag(const scoped_flag&) = delete;
    scoped_flag& operator=(const scoped_flag&) = delete;

private:
    bool& flag_;
    bool was_;  ///< turns may be nested
};

}  // namespace quivive::runtime
