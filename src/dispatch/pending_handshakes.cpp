#include "dispatch/pending_handshakes.hpp"

namespace quivive::dispatch {

template <std::size_t Level>
void pending_queue<Level>::add(pending_entry& one) noexcept
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
void pending_queue<Level>::remove(pending_entry& one) noexcept
{
    const auto which = static_cast<std::size_t>(one.which_);
    --count_[which];
    const auto its = one.in_[Level];
    its.before->in_[Level].after = its.after;
    its.after->in_[Level].before = its.before;
    if (first_[which] == &one) first_[which] = its.after == &one ? nullptr : its.after;
}

template <std::size_t Level>
connection* pending_queue<Level>::oldest(validation which) const noexcept
{
    const auto* const first = first_[static_cast<std::size_t>(which)];
    return first ? &first->connection_ : nullptr;
}

template class pending_queue<0>;
template class pending_queue<1>;
template class pending_queue<2>;

pending_entry::pending_entry(pending_handshakes& handshakes, connection& connection, validation which,
                             const std::optional<source>& from)
    : handshakes_{handshakes}, connection_{connection}, which_{which}
{
    if (from) {
        source_ = &*handshakes.by_source_.try_emplace(from->own).first;
        try {
            if (from->around) around_ = &*handshakes.around_.try_emplace(*from->around).first;
        } catch (...) {
            if (source_->second.size() == 0) handshakes.by_source_.erase(from->own);
            throw;
        }
    }
    handshakes_.all_.add(*this);
    if (source_) source_->second.add(*this);
    if (around_) around_->second.add(*this);
}

pending_entry::~pending_entry()
{
    const auto leave = [this](auto& queues, auto* its) {
        if (!its) return;
        its->second.remove(*this);
        if (its->second.size() == 0) queues.erase(queues.find(its->first));
    };
    handshakes_.all_.remove(*this);
    leave(handshakes_.by_source_, source_);
    leave(handshakes_.around_, around_);
}

}  // namespace quivive::dispatch
