#pragma once

#include "support/world.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace quivive::test {

/// Handshake threads without threads: a step is done when a test says so.
struct late_workers final : dispatch::handshake_workers {
    std::size_t most = 100;
    bool has_memory = true;
    std::deque<std::unique_ptr<dispatch::handshake_step>> steps;

    [[nodiscard]] bool full(dispatch::validation which) const noexcept override
    {
        const auto counts = [&](const auto& step) {
            return which == dispatch::validation::unvalidated || step->validation() == which;
        };
        return static_cast<std::size_t>(std::ranges::count_if(steps, counts)) >= most;
    }
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step) noexcept override
    {
        if (!has_memory) return step;
        steps.push_back(std::move(step));
        return nullptr;
    }

    /// Does the oldest step, and gives it back. Precondition: there is one.
    void do_one(world& around)
    {
        auto step = std::move(steps.front());
        steps.pop_front();
        step->run(around.now, around.meter);
        around.server->on_step_done(std::move(step), around.now, around);
    }

    /// Lets all that is on its way arrive, and does all steps, until there is nothing more.
    void settle(world& around)
    {
        for (around.settle(); !steps.empty(); around.settle()) do_one(around);
    }
};

}  // namespace quivive::test
