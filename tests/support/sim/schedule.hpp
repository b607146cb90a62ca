#pragma once

#include "wire/time.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace quivive::test::sim {

/// Virtual time: events in order. No time passes between two events.
class schedule {
public:
    [[nodiscard]] const time_point& now() const { return now_; }

    void at(time_point when, std::function<void()> what)
    {
        events_.push_back({std::max(when, now_), ++added_, std::move(what)});
        std::push_heap(events_.begin(), events_.end(), later);
    }
    void after(duration wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }

    /// Runs the next event. When that lies beyond `end`, sets the time to `end` and returns false.
    bool step(time_point end)
    {
        if (events_.empty() || events_.front().when > end) {
            now_ = std::max(now_, end);
            return false;
        }
        std::pop_heap(events_.begin(), events_.end(), later);
        const auto next = std::move(events_.back());
        events_.pop_back();
        now_ = next.when;
        next.what();
        return true;
    }

private:
    struct event {
        time_point when;
        std::uint64_t order;  ///< for two events at the same time the one added first runs first
        std::function<void()> what;
    };
    static bool later(const event& a, const event& b)
    {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }

    time_point now_{std::chrono::hours{1}};
    std::uint64_t added_ = 0;
    std::vector<event> events_;  // a heap
};

}  // namespace quivive::test::sim
