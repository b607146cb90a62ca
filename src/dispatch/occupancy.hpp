#pragma once

#include "dispatch/half_open.hpp"
#include "dispatch/held_memory.hpp"
#include "dispatch/high_water.hpp"
#include "dispatch/source_shares.hpp"
#include "gate/move_rules.hpp"
#include "wire/time.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace quivive::dispatch {

/// What there is for a newcomer.
struct room {
    std::optional<drop_reason> full{};     ///< nothing, for this limit
    std::shared_ptr<member> displaced{};   ///< null: a place that is free; else the one of this handshake
    std::optional<reached_share> share{};  ///< when that limit is one of its source's
};

/// How many sessions and handshakes there are, in all and by source, what they hold, and what place there is
/// for a newcomer.
class occupancy {
public:
    /// `rules` say whose address is shared (`server_config::shared_networks`); never null.
    occupancy(hash_key key, const limits& limits, std::shared_ptr<const gate::move_rules> rules)
        : shares_{source_prefixes{key, limits}}, rules_{std::move(rules)}
    {
    }
    occupancy(const occupancy&) = delete;
    occupancy& operator=(const occupancy&) = delete;

    /// Other limits and rules. With other prefixes, or rules, all are counted anew: `each(count)` calls
    /// `count(peer)` for each. Handshakes in progress stay with the half-open of their former prefix.
    template <typename Each>
    void use(const limits& changed, const std::shared_ptr<const gate::move_rules>& rules, Each each) noexcept;

    /// A session or handshake with this peer has begun. May throw std::bad_alloc, and has changed nothing
    /// then.
    void add(const wire::endpoint& peer)
    {
        if (!rules_->is_shared(peer)) shares_.add(peer);
        ++members_;
    }
    /// One that was added has ended.
    void remove(const wire::endpoint& peer) noexcept
    {
        if (!rules_->is_shared(peer)) shares_.remove(peer);
        --members_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return members_; }

    /// The source that a handshake with this peer counts for; none when its address is shared.
    [[nodiscard]] std::optional<source> source_of(const wire::endpoint& peer) const noexcept
    {
        if (rules_->is_shared(peer)) return std::nullopt;
        return shares_.prefixes().of(peer);
    }
    [[nodiscard]] half_open_ledger& half_open() noexcept { return half_open_; }
    [[nodiscard]] const half_open_ledger& half_open() const noexcept { return half_open_; }
    [[nodiscard]] held_memory& memory() noexcept { return memory_; }
    [[nodiscard]] const held_memory& memory() const noexcept { return memory_; }

    struct newcomer {
        wire::endpoint peer;
        standing which{};
        bool replaces = false;  ///< it has a session, the place of which it takes in the end
    };
    /// Nobody makes room for a newcomer in doubt, which may be anyone, and which has nothing to lose but a
    /// round trip. A proven one goes before all that are in doubt, the oldest of which makes room; then the
    /// oldest of those whose limit it is, once it has lasted `limits::half_open_grace`.
    [[nodiscard]] room find_room(const newcomer& who, const limits& limits, time_point now) const noexcept;

    /// See `dispatcher::take_freed`.
    void note_in_use() noexcept;
    [[nodiscard]] std::size_t take_freed(std::size_t least) noexcept { return in_use_.take_fall(least); }

private:
    template <typename OldestOf>
    [[nodiscard]] std::optional<room> find_in_shares(const newcomer& who, const source& from,
                                                     const limits& limits, OldestOf oldest_of) const noexcept;

    source_shares shares_;  ///< of those whose address is not shared
    std::shared_ptr<const gate::move_rules> rules_;
    std::size_t members_ = 0;
    half_open_ledger half_open_;
    held_memory memory_;
    high_water in_use_;  ///< memory, in bytes
};

template <typename Each>
void occupancy::use(const limits& changed, const std::shared_ptr<const gate::move_rules>& rules,
                    Each each) noexcept
try {
    const auto prefixes = shares_.prefixes().with(changed);
    if (shares_.prefixes().same_lengths(prefixes) && rules == rules_) return;
    source_shares anew{prefixes};
    each([&](const wire::endpoint& peer) {
        if (!rules->is_shared(peer)) anew.add(peer);
    });
    shares_ = std::move(anew);
    rules_ = rules;
} catch (const std::bad_alloc&) {  // then the former prefixes and rules hold on
}

}  // namespace quivive::dispatch
