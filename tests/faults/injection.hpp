#pragma once

#include <limits>
#include <vector>

namespace quivive::test {

/// Makes `times` calls of one function fail, from the `nth` on; the first call is 1. Only calls within an
/// `under_test` count, so that a test's own calls and those of other threads never fail. Only one may exist
/// at a time.
class injection {
public:
    static constexpr unsigned all_calls = std::numeric_limits<unsigned>::max();

    /// `function` must outlive this. `code` is the value for `errno`, where the call sets it.
    injection(const char* function, unsigned nth, int code = 0, unsigned times = 1);
    ~injection();
    injection(const injection&) = delete;
    injection& operator=(const injection&) = delete;

    /// Returns whether the call was reached, and has failed.
    [[nodiscard]] bool reached() const noexcept;
};

/// Makes all calls of one function fail during its lifetime, or the next few, on any thread. Only one may
/// exist at a time.
class blockage {
public:
    static constexpr unsigned all_calls = std::numeric_limits<unsigned>::max();

    /// `function` must outlive this. `code` is the value for `errno`.
    blockage(const char* function, int code, unsigned calls = all_calls);
    ~blockage();
    blockage(const blockage&) = delete;
    blockage& operator=(const blockage&) = delete;
};

/// During its lifetime, this thread runs the code under test.
class under_test {
public:
    explicit under_test(bool really = true) noexcept;
    ~under_test();
    under_test(const under_test&) = delete;
    under_test& operator=(const under_test&) = delete;

private:
    bool before_;
};

/// Returns whether this call of `function` must fail, and sets `errno` then. The function's wrapper calls it.
[[nodiscard]] bool fails_now(const char* function) noexcept;

/// A function whose wrapper calls `fails_now`. Its static objects form the list of all such functions.
struct injectable {
    explicit injectable(const char* name);
    [[nodiscard]] static const std::vector<const char*>& all();
};

}  // namespace quivive::test
