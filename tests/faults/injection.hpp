#pragma once

#include <limits>
#include <vector>

namespace quivive::test {

/// Makes the `nth` call of one function fail, once, or some from it on: the first is 1. Only calls within an
/// `under_test` count, so that a test's own calls and another thread's never fail. One at a time.
class injection {
public:
    static constexpr unsigned all_calls = std::numeric_limits<unsigned>::max();

    /// `function` lasts as long as this. `code`: what the call sets `errno` to, where it does.
    injection(const char* function, unsigned nth, int code = 0, unsigned times = 1);
    ~injection();
    injection(const injection&) = delete;
    injection& operator=(const injection&) = delete;

    /// Whether that call has come, and has failed.
    [[nodiscard]] bool reached() const noexcept;
};

/// Makes calls of one function fail while it lives, on whatever thread: each of them, or the next few. One at
/// a time.
class blockage {
public:
    static constexpr unsigned all_calls = std::numeric_limits<unsigned>::max();

    /// `function` lasts as long as this. `code`: what the calls set `errno` to.
    blockage(const char* function, int code, unsigned calls = all_calls);
    ~blockage();
    blockage(const blockage&) = delete;
    blockage& operator=(const blockage&) = delete;
};

/// While it lives, this thread runs what is tested.
class under_test {
public:
    explicit under_test(bool really = true) noexcept;
    ~under_test();
    under_test(const under_test&) = delete;
    under_test& operator=(const under_test&) = delete;

private:
    bool before_;
};

/// To be asked by what stands in for `function`: whether this call is the one that fails. Sets `errno` then.
[[nodiscard]] bool fails_now(const char* function) noexcept;

/// A function whose calls ask `fails_now`. Static objects of it make the list of them all.
struct injectable {
    explicit injectable(const char* name);
    [[nodiscard]] static const std::vector<const char*>& all();
};

}  // namespace quivive::test
