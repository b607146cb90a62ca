#include "program/server_signals.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <future>
#include <thread>

#include <unistd.h>

using quivive::program::server_signals;

namespace {

/// Restores the thread's signal mask, in which `server_signals` leaves SIGHUP blocked.
class mask_as_before {
public:
    mask_as_before() { pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
    ~mask_as_before() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    mask_as_before(const mask_as_before&) = delete;
    mask_as_before& operator=(const mask_as_before&) = delete;

private:
    sigset_t before_{};
};

/// Takes a pending SIGHUP. Returns whether there was one.
bool hangup_waits()
{
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    const timespec at_once{};
    return sigtimedwait(&hangup, nullptr, &at_once) == SIGHUP;
}

}  // namespace

TEST_CASE("a SIGHUP after the servers have ended does not end the process")
{
    const mask_as_before mask;
    {
        const server_signals signals;
    }
    ::kill(::getpid(), SIGHUP);  // unless SIGHUP is blocked, the test ends here
    CHECK(hangup_waits());
}

TEST_CASE("a SIGHUP after the servers have ended does not end a process that still has other threads")
{
    const mask_as_before mask;
    std::promise<void> end;
    std::thread other;
    int reloads = 0;
    {
        server_signals signals;
        other = std::thread{[ended = end.get_future()] { ended.wait(); }};
        ::kill(::getpid(), SIGHUP);  // pending until `serve`
        const auto reload = [&] {
            ++reloads;
            ::kill(::getpid(), SIGTERM);
        };
        signals.serve({}, reload, {});
    }
    CHECK(reloads == 1);
    ::kill(::getpid(), SIGHUP);
    end.set_value();
    other.join();  // otherwise this thread receives the signal, and the test ends
    CHECK(hangup_waits());
}

TEST_CASE("a SIGTERM is handled even in an endless series of SIGHUPs")
{
    const mask_as_before mask;
    int reloads = 0;
    {
        server_signals signals;
        const auto reload = [&] {
            ++reloads;
            const int more =
                reloads == 1 ? 50 : 2;  // after the first reload, at least one SIGHUP is always pending
            for (int i = 0; i < more && reloads < 1'000; ++i) ::kill(::getpid(), SIGHUP);
            if (reloads == 1) ::kill(::getpid(), SIGTERM);
        };
        ::kill(::getpid(), SIGHUP);
        signals.serve({}, reload, {});
    }
    CHECK(reloads < 10);
}
