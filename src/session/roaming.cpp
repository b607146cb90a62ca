#include "session/roaming.hpp"

namespace quivive::sessions {

roaming::roaming(gate::hash_key seed, bool checks_paths, const quivive::limits& limits) noexcept
    : seed_{seed},
      interval_{limits.move_interval},
      patience_{limits.path_check_timeout},
      checks_paths_{checks_paths}
{
}

bool roaming::follow(wire::path& current, const wire::path& from, bool newest, time_point now) noexcept
{
    // RFC 9146 6: an older record may be a copy that somebody sends from elsewhere.
    if (!newest || now < movable_) return false;
    movable_ = now + interval_;
    ++moves_;
    const auto proven = doubt_ ? doubt_->proven : current;
    current = from;
    doubt_.reset();
    if (from != proven) doubt_.emplace(doubt{proven, {}, now});
    return true;
}

void roaming::received(std::size_t bytes) noexcept
{
    if (doubt_) doubt_->allowance.received(bytes);
}

bool roaming::may_send(std::size_t bytes) noexcept { return !doubt_ || doubt_->allowance.spend(bytes); }

std::optional<std::uint64_t> roaming::next_challenge(time_point now) noexcept
{
    if (!doubt_ || !checks_paths_ || doubt_->sent >= challenges || now < due()) return std::nullopt;
    return cookie(doubt_->sent++);
}

void roaming::responded(std::uint64_t answer) noexcept
{
    if (!doubt_) return;
    for (unsigned i = 0; i < doubt_->sent; ++i)
        if (answer == cookie(i)) return doubt_.reset();
}

bool roaming::give_up(wire::path& current, time_point now) noexcept
{
    if (!doubt_ || !checks_paths_ || now < doubt_->begun + patience_) return false;
    current = doubt_->proven;
    doubt_.reset();
    return true;
}

time_point roaming::next_wake() const noexcept
{
    if (!doubt_ || !checks_paths_) return no_deadline;
    return doubt_->sent < challenges ? due() : doubt_->begun + patience_;
}

/// The challenges of one check are spread over its time.
time_point roaming::due() const noexcept { return doubt_->begun + patience_ / challenges * doubt_->sent; }

std::uint64_t roaming::cookie(unsigned sent) const noexcept
{
    gate::keyed_hash hash{seed_};
    hash.add(moves_);
    hash.add(sent);
    return hash.finish();
}

}  // namespace quivive::sessions
