#include "dispatch/half_open.hpp"

namespace quivive::dispatch {

template <std::size_t Level>
void half_open_queue<Level>::add(half_open_place& one) noexcept
{
    const auto which = static_cast<std::size_t>(one.which_);
    ++count_[which];
    auto& its = one.in_[Level];
    if (!first_[which]) {
        its = {&one, &one};
        first_[which] = &one;
        return;
    }
    auto& first = first_[which]->in_[Level];
    its = {first.before, first_[which]};
    first.before->in_[Level].after = &one;
    first.before = &one;
}

template <std::size_t Level>
void half_open_queue<Level>::remove(half_open_place& one) noexcept
{
    const auto which = static_cast<std::size_t>(one.which_);
    --count_[which];
    const auto its = one.in_[Level];
    its.before->in_[Level].after = its.after;
    its.after->in_[Level].before = its.before;
    if (first_[which] == &one) first_[which] = its.after == &one ? nullptr : its.after;
}

template <std::size_t Level>
member* half_open_queue<Level>::oldest(standing which) const noexcept
{
    const auto* const first = first_[static_cast<std::size_t>(which)];
    return first ? &first->who_ : nullptr;
}

template class half_open_queue<0>;
template class half_open_queue<1>;
template class half_open_queue<2>;

half_open_place::half_open_place(half_open_ledger& ledger, member& who, standing which, const source& from)
    : ledger_{ledger},
      who_{who},
      source_{&*ledger.by_source_.try_emplace(from.own).first},
      around_{nullptr},
      which_{which}
{
    try {
        if (from.around) around_ = &*ledger.around_.try_emplace(*from.around).first;
    } catch (...) {
        if (source_->second.size() == 0) ledger.by_source_.erase(from.own);
        throw;
    }
    ledger_.all_.add(*this);
    source_->second.add(*this);
    if (around_) around_->second.add(*this);
}

half_open_place::~half_open_place()
{
    ledger_.all_.remove(*this);
    source_->second.remove(*this);
    if (source_->second.size() == 0) ledger_.by_source_.erase(ledger_.by_source_.find(source_->first));
    if (!around_) return;
    around_->second.remove(*this);
    if (around_->second.size() == 0) ledger_.around_.erase(ledger_.around_.find(around_->first));
}

}  // namespace quivive::dispatch
