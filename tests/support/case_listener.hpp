#pragma once

// A Catch2 listener, for catch_main.cpp only. It names a failed test case at once and ends a case that
// hangs.
//
// A failed case has a short time to end. If it does not, because a thread waits for an event that no longer
// comes, the process ends. The process also ends when a case takes too long. CTest cannot tell which of
// several cases in one test failed, so tests/run.sh looks for lines that begin with "failed case".
#include "support/allocated.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include <unistd.h>

#if defined(QUIVIVE_SANITIZED)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

#if __has_include(<catch2/catch_all.hpp>)
#    define QUIVIVE_CATCH_RESULT void
#    define QUIVIVE_CATCH_DONE
using catch_listener = Catch::EventListenerBase;
#else
#    define QUIVIVE_CATCH_RESULT bool  // whether an assertion's messages can be discarded
#    define QUIVIVE_CATCH_DONE return true
using catch_listener = Catch::TestEventListenerBase;
#endif

namespace {

constexpr unsigned seconds_to_end = quivive::test::sanitized ? 10 : 1;
constexpr unsigned seconds_for_a_case = quivive::test::sanitized ? 240 : 120;

std::string running;  // "failed case: NAME" of the running case; empty between cases
bool has_failed = false;

// Async-signal-safe, so usable in a signal handler or a process about to end.
void say_what_failed(const char* why) noexcept
{
    for (const char* const part : {running.c_str(), why, "\n"})
        if (::write(STDOUT_FILENO, part, std::strlen(part)) < 0) return;
}

extern "C" void out_of_time(int)
{
    say_what_failed(has_failed ? " (it has failed, and does not end; no case after it was run)"
                               : " (it does not end; no case after it was run)");
    ::_exit(3);
}

#if defined(QUIVIVE_SANITIZED)
void sanitizer_ends_the_process()
{
    if (!running.empty()) say_what_failed(" (a sanitizer ended it; no case after it was run)");
}
#endif

class case_listener : public catch_listener {
public:
    using catch_listener::catch_listener;

    void testRunStarting(const Catch::TestRunInfo& info) override
    {
        catch_listener::testRunStarting(info);
        std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // no line is lost, however the process ends
        struct sigaction action {};
        action.sa_handler = out_of_time;
        ::sigaction(SIGALRM, &action, nullptr);
#if defined(QUIVIVE_SANITIZED)
        __sanitizer_set_death_callback(sanitizer_ends_the_process);
#endif
    }

    void testCaseStarting(const Catch::TestCaseInfo& info) override
    {
        catch_listener::testCaseStarting(info);
        running = "failed case: " + info.name;
        has_failed = false;
        ::alarm(seconds_for_a_case);
    }

    QUIVIVE_CATCH_RESULT assertionEnded(const Catch::AssertionStats& stats) override
    {
        catch_listener::assertionEnded(stats);
        if (!stats.assertionResult.isOk() && !has_failed) {
            has_failed = true;
            ::alarm(seconds_to_end);
        }
        QUIVIVE_CATCH_DONE;
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override
    {
        ::alarm(0);
        if (!stats.totals.testCases.allPassed()) say_what_failed("");
        running.clear();
        catch_listener::testCaseEnded(stats);
    }
};

}  // namespace

CATCH_REGISTER_LISTENER(case_listener)
