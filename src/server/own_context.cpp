#include "server/own_context.hpp"

#include "server/teardown.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <cstddef>
#include <thread>

namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

/// Limit of posted handlers that still run at the end. All of them run, unless they keep posting more.
constexpr std::size_t last_handlers = 10'000;

}  // namespace

void closable_section::close() noexcept
{
    auto state = state_.fetch_or(is_closed, std::memory_order_acq_rel);
    // Callers inside only post; none of them blocks.
    while ((state % one_passed) / one_within != 0) {
        std::this_thread::yield();
        state = state_.load(std::memory_order_acquire);
    }
}

void own_context::run_until_stopped(std::chrono::milliseconds linger,
                                    const std::function<void()>& failed) noexcept
{
    // An exception that left the thread would terminate the process.
    const auto run = [&](const auto& once) {
        for (;;) try {
                return once();
            } catch (...) {
                failed();
            }
    };
    {
        const auto work = asio::make_work_guard(*this);
        run([this] { io_context::run(); });
    }
    restart();
    const auto deadline = std::chrono::steady_clock::now() + linger;
    run([&] { run_until(deadline); });
    // Before closing: once the context is closed, other threads run session operations themselves.
    teardown::abort(*this);

    auto left = last_handlers;
    do {
        const auto passed = posting_.passed();
        restart();
        run([&] {
            while (left > 0) {
                --left;
                if (poll_one() == 0) break;
            }
        });
        if (posting_.close_if(passed)) break;
    } while (left > 0);
    close();
}

void own_context::close() noexcept
{
    posting_.close();
    shutdown();
}

}  // namespace quivive::runtime
