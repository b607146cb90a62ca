#include "session/path_validator.hpp"

#include <algorithm>

namespace quivive::sessions {

path_validator::path_validator(gate::hash_key seed, std::size_t challenge_size, const quivive::limits& limits,
                               const wire::endpoint& origin) noexcept
    : seed_{seed},
      interval_{limits.move_interval},
      check_timeout_{limits.path_check_timeout},
      rate_{limits.unvalidated_bytes_per_second},
      challenge_size_{static_cast<std::uint32_t>(challenge_size)},
      origin_{origin}
{
}

bool path_validator::follow(wire::path& current, const verified_record& record, time_point now) noexcept
{
    // RFC 9146 6: an older record may be a copy sent from another address.
    if (!record.newest || !config_) return false;
    if (unvalidated_ && record.from == unvalidated_->last_validated) {
        return_to_validated(current);  // the peer is known to receive there, so this costs no move
        return true;
    }
    if (now < no_moves_until_ || !moves_left_.take(now, max_moves_in_a_row, interval_)) {
        if (unvalidated_) unvalidated_->recent = {};
        return false;
    }
    ++moves_;
    const auto policy = config_->rules().find(record.from.peer);
    if (policy == move_policy::trusted)
        unvalidated_.reset();
    else
        unvalidated_ = begin(current, record, policy, now);
    current = record.from;
    return true;
}

path_validator::unvalidated_path path_validator::begin(const wire::path& current,
                                                       const verified_record& record, move_policy policy,
                                                       time_point now) const noexcept
{
    unvalidated_path next{.last_validated = validated(current),
                          .moved_by = unvalidated_ ? unvalidated_->moved_by : record.number,
                          .checked_since = now,
                          .policy = policy};
    if (policy != move_policy::sustained) return next;
    if (is_same_host(record.from, next.last_validated)) {
        next.has_rate = true;
    } else if (unvalidated_ && is_same_host(record.from, current)) {
        // Another port of an unvalidated address keeps the state of the first one.
        next.has_rate = unvalidated_->has_rate;
        next.limiter = unvalidated_->limiter;
        next.unused_bytes = unvalidated_->unused_bytes;
        next.recent = unvalidated_->recent;
    }
    return next;
}

/// Returns whether datagrams to `one` reach no other host than datagrams to `other`.
bool path_validator::is_same_host(const wire::path& one, const wire::path& other) const noexcept
{
    if (one.peer.address != other.peer.address || one.peer.scope != other.peer.scope) return false;
    return one.peer.port == other.peer.port || !config_->rules().is_shared(one.peer);
}

void path_validator::return_to_validated(wire::path& current) noexcept
{
    current = unvalidated_->last_validated;
    unvalidated_.reset();
}

void path_validator::undo(wire::path& current, time_point now) noexcept
{
    return_to_validated(current);
    no_moves_until_ = now + move_pause;
    ++undone_;
}

void path_validator::received(std::size_t bytes, bool newest, time_point now) noexcept
{
    if (!unvalidated_) return;
    auto& path = *unvalidated_;
    path.limiter.received(bytes);
    path.unused_bytes += bytes;
    if (newest) path.recent.note(now);
    if (path.policy == move_policy::sustained && path.recent.is_sustained()) path.has_rate = true;
}

/// Counts records read at the same time once, since they may come from one datagram.
void path_validator::record_run::note(time_point now) noexcept
{
    if (datagrams > 0 && now <= last) return;
    if (datagrams == 0) since = now;
    last = now;
    ++datagrams;
}

bool path_validator::may_send(std::size_t bytes, send_class send_class, time_point now) noexcept
{
    if (!unvalidated_) return true;
    auto& path = *unvalidated_;
    const auto left = path.limiter.left();
    const auto reserve = send_class == send_class::data ? std::min(left, reserved()) : 0;
    const bool within_limit = bytes <= (bytes <= path.unused_bytes ? left : left - reserve);
    // Each datagram sent counts against both limits, so that they do not add up.
    if (within_limit)
        bytes_left_.drain(bytes, rate_, now);
    else if (send_class == send_class::challenge || !path.has_rate ||
             !config_->take(bytes_left_, rate_, bytes, now))
        return false;
    (void)path.limiter.take(within_limit ? bytes : std::min(bytes, left - reserve));
    if (send_class == send_class::data) path.unused_bytes -= std::min(bytes, path.unused_bytes);
    if (send_class == send_class::challenge) ++path.challenged;
    return true;
}

/// Returns the bytes reserved for the remaining challenges. A challenge may be lost and is retransmitted (RFC
/// 9853 5.5), so data must not use these bytes. Data may still use as many bytes as arrived. Otherwise the
/// response to a small request after a move would be lost. Two thirds of three times the bytes of a record
/// are left then. With ids of the usual lengths this is enough for two challenges.
std::size_t path_validator::reserved() const noexcept
{
    return std::size_t{challenge_size_} * (challenges - unvalidated_->challenged);
}

std::optional<std::uint64_t> path_validator::next_challenge(time_point now) const noexcept
{
    if (!may_challenge() || now < due()) return std::nullopt;
    return cookie(unvalidated_->challenged);
}

bool path_validator::may_challenge() const noexcept
{
    return unvalidated_ && checks_paths() && unvalidated_->challenged < challenges &&
           challenge_size_ <= unvalidated_->limiter.left();
}

void path_validator::responded(std::uint64_t answer) noexcept
{
    if (!unvalidated_) return;
    for (unsigned i = 0; i < unvalidated_->challenged; ++i)
        if (answer == cookie(i)) return unvalidated_.reset();
}

bool path_validator::revert_unanswered(wire::path& current, time_point now) noexcept
{
    if (!unvalidated_ || !checks_paths() || now < unvalidated_->checked_since + check_timeout_) return false;
    return_to_validated(current);
    return true;
}

time_point path_validator::next_wake() const noexcept
{
    if (!unvalidated_ || !checks_paths()) return no_deadline;
    // A challenge beyond the limit waits for a record of the peer, not for a time.
    return may_challenge() ? due() : unvalidated_->checked_since + check_timeout_;
}

/// Returns when the next challenge is due. The challenges of one check are spread over its time.
time_point path_validator::due() const noexcept
{
    return unvalidated_->checked_since + check_timeout_ / challenges * unvalidated_->challenged;
}

std::uint64_t path_validator::cookie(unsigned sent) const noexcept
{
    gate::keyed_hash hash{seed_};
    hash.add(moves_);
    hash.add(sent);
    return hash.finish();
}

}  // namespace quivive::sessions
