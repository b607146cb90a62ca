#include "dispatch/half_open.hpp"

namespace quivive::dispatch {

half_open_ledger::ticket half_open_ledger::take(member& who, const wire::endpoint& source)
{
    const auto key = without_port(source);
    places_.emplace_back(&who, key);
    try {
        ++by_source_[key];
    } catch (...) {
        places_.pop_back();
        throw;
    }
    return {*this, std::prev(places_.end())};
}

half_open_ledger::ticket::~ticket()
{
    if (!ledger_) return;
    const auto count = ledger_->by_source_.find(place_->second);
    if (--count->second == 0) ledger_->by_source_.erase(count);
    ledger_->places_.erase(place_);
}

std::size_t half_open_ledger::of_source(const wire::endpoint& source) const noexcept
{
    const auto count = by_source_.find(without_port(source));
    return count == by_source_.end() ? 0 : count->second;
}

wire::endpoint half_open_ledger::without_port(wire::endpoint source) noexcept
{
    source.port = 0;
    return source;
}

}  // namespace quivive::dispatch
