#include "program/server_signals.hpp"
#include "support/catch.hpp"

#include <csignal>

using quivive::program::server_signals;

TEST_CASE("a SIGHUP after the servers have ended does not end the process")
{
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    {
        const server_signals signals;
    }
    std::raise(SIGHUP);  // unless it is blocked, the test ends here

    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    const timespec at_once{};
    CHECK(sigtimedwait(&hangup, nullptr, &at_once) == SIGHUP);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
