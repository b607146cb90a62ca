#pragma once

#include "support/world.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace quivive::test {

/// Handshake workers without threads: the test decides when a step is done.
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

    /// Does the oldest step and returns it to the dispatcher. Precondition: a step is queued.
    void do_one(world& around)
    {
        auto step = std::move(steps.front());
        steps.pop_front();
        step->run(around.now, around.meter);
        around.server->on_step_done(std::move(step), around.now, around);
    }

    /// Delivers all datagrams and does all steps until none is left.
    void settle(world& around)
    {
        for (around.settle(); !steps.empty(); around.settle()) do_one(around);
    }
};

}  // namespace quivive::test
