#include "faults/injection.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>

namespace quivive::test {

namespace {

std::atomic<const char*> armed_function{nullptr};
std::atomic<int> armed_code{0};

std::atomic<const char*> blocked_function{nullptr};
std::atomic<int> blocked_code{0};
std::atomic<unsigned> blocked_calls{0};

/// Calls until the first failing one, which is counted too; 0: none fails. Then `failing` calls fail.
std::atomic<unsigned> left{0}, failing{0};
std::atomic<bool> has_failed{false};

thread_local bool is_under_test = false;

std::vector<const char*>& list()
{
    static std::vector<const char*> names;
    return names;
}

/// Uses up one of the calls that must fail. Returns false if none is left.
bool takes_one(std::atomic<unsigned>& of) noexcept
{
    auto calls = of.load();
    while (calls != 0 && calls != injection::all_calls && !of.compare_exchange_weak(calls, calls - 1)) {
    }
    return calls != 0;
}

}  // namespace

injection::injection(const char* function, unsigned nth, int code, unsigned times)
{
    armed_code.store(code);
    failing.store(times);
    has_failed.store(false);
    left.store(nth);
    armed_function.store(function);
}

injection::~injection()
{
    armed_function.store(nullptr);
    left.store(0);
}

bool injection::reached() const noexcept { return has_failed.load(); }

blockage::blockage(const char* function, int code, unsigned calls)
{
    blocked_code.store(code);
    blocked_calls.store(calls);
    blocked_function.store(function);
}

blockage::~blockage() { blocked_function.store(nullptr); }

under_test::under_test(bool really) noexcept : before_{is_under_test} { is_under_test = really; }

under_test::~under_test() { is_under_test = before_; }

bool fails_now(const char* function) noexcept
{
    const auto* const blocked = blocked_function.load();
    if (blocked != nullptr && std::strcmp(function, blocked) == 0 && takes_one(blocked_calls)) {
        errno = blocked_code.load();
        return true;
    }
    const auto* const armed = is_under_test ? armed_function.load() : nullptr;
    if (armed == nullptr || std::strcmp(function, armed) != 0) return false;
    auto calls = left.load();
    while (calls > 1 && !left.compare_exchange_weak(calls, calls - 1)) {
    }
    if (calls != 1 || !takes_one(failing)) return false;
    errno = armed_code.load();
    has_failed.store(true);
    return true;
}

injectable::injectable(const char* name) { list().push_back(name); }

const std::vector<const char*>& injectable::all() { return list(); }

}  // namespace quivive::test
