#include "session/roaming.hpp"

#include <algorithm>

namespace quivive::sessions {

roaming::roaming(gate::hash_key seed, std::size_t challenge_size, const quivive::limits& limits) noexcept
    : seed_{seed},
      interval_{limits.move_interval},
      patience_{limits.path_check_timeout},
      challenge_size_{challenge_size}
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
    if (from != proven) doubt_.emplace(doubt{proven, {}, 0, now});
    return true;
}

void roaming::received(std::size_t bytes) noexcept
{
    if (!doubt_) return;
    doubt_->allowance.received(bytes);
    doubt_->in_kind += bytes;
}

bool roaming::may_send(std::size_t bytes, cargo what) noexcept
{
    if (!doubt_) return true;
    if (what == cargo::data && !may_send_data(bytes)) return false;
    if (!doubt_->allowance.spend(bytes)) return false;
    if (what == cargo::data) doubt_->in_kind -= std::min(bytes, doubt_->in_kind);
    if (what == cargo::challenge) ++doubt_->sent;
    return true;
}

/// RFC 9853 5.5: a challenge may be lost like any datagram, and is repeated. So data leaves what the rest of
/// them needs; but for as many bytes as came, since else the answer to a small question after a move would be
/// lost. Of three times the bytes of any record two thirds are left then, which with ids of the usual lengths
/// are two challenges.
bool roaming::may_send_data(std::size_t bytes) const noexcept
{
    const auto kept = challenge_size_ * (challenges - doubt_->sent);
    return bytes <= doubt_->in_kind || bytes + kept <= doubt_->allowance.left();
}

std::optional<std::uint64_t> roaming::next_challenge(time_point now) const noexcept
{
    if (!may_challenge() || now < due()) return std::nullopt;
    return cookie(doubt_->sent);
}

bool roaming::may_challenge() const noexcept
{
    return doubt_ && checks_paths() && doubt_->sent < challenges &&
           challenge_size_ <= doubt_->allowance.left();
}

void roaming::responded(std::uint64_t answer) noexcept
{
    if (!doubt_) return;
    for (unsigned i = 0; i < doubt_->sent; ++i)
        if (answer == cookie(i)) return doubt_.reset();
}

bool roaming::give_up(wire::path& current, time_point now) noexcept
{
    if (!doubt_ || !checks_paths() || now < doubt_->begun + patience_) return false;
    current = doubt_->proven;
    doubt_.reset();
    return true;
}

time_point roaming::next_wake() const noexcept
{
    if (!doubt_ || !checks_paths()) return no_deadline;
    // One that must not leave yet waits for the peer, not for the time.
    return may_challenge() ? due() : doubt_->begun + patience_;
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
