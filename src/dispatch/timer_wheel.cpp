#include "dispatch/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace quivive::dispatch {

void wheel_timer::unlink() noexcept
{
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
}

void wheel_timer::link_before(wheel_timer& head) noexcept
{
    next_ = &head;
    previous_ = head.previous_;
    previous_->next_ = this;
    head.previous_ = this;
}

void timer_wheel::schedule(wheel_timer& timer, time_point due) noexcept
{
    timer.unlink();
    if (due == no_deadline) return;
    timer.due_ = due;
    const auto tick = due > start_ ? floor_tick(due - duration{1}) + 1 : 0;  // rounded up: never early
    timer.tick_ = std::max(tick, now_ + 1);
    insert(timer);
}

void timer_wheel::insert(wheel_timer& timer) noexcept
{
    const auto delta = timer.tick_ - now_;
    unsigned level = 0;
    while (level + 1 < levels && delta >> (bits * (level + 1)) != 0) ++level;
    // A timer beyond the last level waits in its furthest slot, and is inserted again from there.
    const auto reach = std::min(delta, (std::uint64_t{1} << (bits * levels)) - 1);
    const auto slot = ((now_ + reach) >> (bits * level)) & (slots - 1);
    timer.link_before(wheel_[level][slot]);
    occupied_[level] |= std::uint64_t{1} << slot;
}

/// Distributes the slots of the higher levels that begin at this tick over the lower ones.
void timer_wheel::cascade() noexcept
{
    for (unsigned level = levels; level-- > 1;) {
        if (now_ & ((std::uint64_t{1} << (bits * level)) - 1)) continue;
        const auto slot = (now_ >> (bits * level)) & (slots - 1);
        occupied_[level] &= ~(std::uint64_t{1} << slot);
        wheel_timer moved;  // detached first: a timer inserted again may land in this same slot
        auto& head = wheel_[level][slot];
        while (head.scheduled()) {
            auto& timer = *head.next_;
            timer.unlink();
            timer.link_before(moved);
        }
        while (moved.scheduled()) {
            auto& timer = *moved.next_;
            timer.unlink();
            insert(timer);
        }
    }
}

wheel_timer* timer_wheel::pop_due() noexcept
{
    const auto slot = now_ & (slots - 1);
    auto& head = wheel_[0][slot];
    if (!head.scheduled()) {
        occupied_[0] &= ~(std::uint64_t{1} << slot);
        return nullptr;
    }
    auto* const timer = head.next_;
    timer->unlink();
    return timer;
}

std::uint64_t timer_wheel::next_tick() const noexcept
{
    auto next = no_tick;
    for (unsigned level = 0; level < levels; ++level) {
        const auto here = now_ >> (bits * level);
        auto& occupied = occupied_[level];
        while (occupied != 0) {
            // Distance 1..64 from the current slot to the next occupied one.
            const auto from_next = std::rotr(occupied, static_cast<int>((here + 1) & (slots - 1)));
            const auto distance = static_cast<std::uint64_t>(std::countr_zero(from_next)) + 1;
            const auto slot = (here + distance) & (slots - 1);
            if (wheel_[level][slot].scheduled()) {
                next = std::min(next, (here + distance) << (bits * level));
                break;
            }
            occupied &= ~(std::uint64_t{1} << slot);  // its timers were cancelled
        }
    }
    return next;
}

time_point timer_wheel::next_wake() const noexcept
{
    const auto tick = next_tick();
    return tick == no_tick ? no_deadline : start_ + tick_length * static_cast<std::int64_t>(tick);
}

std::uint64_t timer_wheel::floor_tick(time_point t) const noexcept
{
    return t <= start_ ? 0 : static_cast<std::uint64_t>((t - start_) / tick_length);
}

void timer_wheel::clear() noexcept
{
    for (auto& level : wheel_)
        for (auto& head : level)
            while (head.scheduled()) head.next_->unlink();
}

}  // namespace quivive::dispatch
