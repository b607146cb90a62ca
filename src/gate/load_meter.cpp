#include "gate/load_meter.hpp"

#include <algorithm>

namespace quivive::gate {

namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr duration second = 1s;

/// Intervals of the checks when no event triggers one.
constexpr duration interval_while_high = 100ms;
constexpr duration interval_while_normal = 1s;

}  // namespace

void sliding_second::add(std::uint64_t amount, time_point now) noexcept
{
    slide(now);
    present_ += amount;
}

std::uint64_t sliding_second::sum(time_point now) noexcept
{
    slide(now);
    const auto reached = duration_cast<microseconds>(second - (now - begin_)).count();
    return present_ + before_ * static_cast<std::uint64_t>(std::max<std::int64_t>(reached, 0)) / 1'000'000;
}

void sliding_second::slide(time_point now) noexcept
{
    if (now < begin_ + second) return;
    before_ = now < begin_ + 2 * second ? present_ : 0;
    present_ = 0;
    begin_ = before_ != 0 ? begin_ + second : now;
}

load_meter::load_meter(const load_marks& marks, std::size_t max_half_open, time_point now) noexcept
    : hellos_{now}, busy_{now}
{
    use(marks, max_half_open);
}

void load_meter::use(const load_marks& marks, std::size_t max_half_open) noexcept
{
    marks_ = marks;
    // A mark beyond the limit would never be reached. A mark of zero would keep the load high for ever.
    const auto most = std::max<std::size_t>(max_half_open - max_half_open / 4, 1);
    marks_.half_open_high = std::min(marks_.half_open_high, most);
    marks_.half_open_low = std::clamp<std::size_t>(marks_.half_open_low, 1, marks_.half_open_high);
}

void load_meter::add_work(duration cpu, time_point now) noexcept
{
    busy_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration_cast<microseconds>(cpu).count(), 0)),
              now);
}

bool load_meter::update(std::size_t half_open, time_point now) noexcept
{
    load_.half_open = half_open;
    load_.hellos_per_second = hellos_.sum(now);
    load_.handshake_cpu_percent =
        static_cast<unsigned>(std::min<std::uint64_t>(busy_.sum(now) / 10'000, 100));

    const bool was_high = load_.high;
    if (!load_.high) {
        load_.high = some_at_upper_mark();
        below_since_.reset();
    } else if (!all_below_lower_marks()) {
        below_since_.reset();
    } else {
        if (!below_since_) below_since_ = now;
        load_.high = now < *below_since_ + marks_.hold;
    }

    const bool changed = load_.high != was_high;
    const bool may_change = load_.high || load_.hellos_per_second != 0 || load_.handshake_cpu_percent != 0;
    if (!may_change)
        next_wake_ = no_deadline;
    else if (changed || next_wake_ <= now || next_wake_ == no_deadline)  // hellos do not postpone it
        next_wake_ = now + (load_.high ? interval_while_high : interval_while_normal);
    return changed;
}

bool load_meter::some_at_upper_mark() const noexcept
{
    return load_.half_open >= marks_.half_open_high ||
           load_.hellos_per_second >= marks_.hellos_per_second_high ||
           load_.handshake_cpu_percent >= marks_.handshake_cpu_percent_high;
}

bool load_meter::all_below_lower_marks() const noexcept
{
    return load_.half_open < marks_.half_open_low && load_.hellos_per_second < marks_.hellos_per_second_low &&
           load_.handshake_cpu_percent < marks_.handshake_cpu_percent_low;
}

}  // namespace quivive::gate
