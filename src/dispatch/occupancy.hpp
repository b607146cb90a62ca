#pragma once

#include "dispatch/held_memory.hpp"
#include "dispatch/high_water.hpp"
#include "dispatch/pending_handshakes.hpp"
#include "dispatch/source_shares.hpp"
#include "gate/move_rules.hpp"
#include "wire/time.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace quivive::dispatch {

/// Capacity found for a new handshake.
struct capacity {
    std::optional<drop_reason> full{};        ///< the limit that was reached; empty when there is capacity
    std::shared_ptr<connection> displaced{};  ///< handshake to displace; null: a free place
    std::optional<reached_share> share{};     ///< set when that limit is a quota of the source
};

/// Counts sessions and handshakes, in total and by source, and their memory. Finds capacity for new
/// handshakes.
class occupancy {
public:
    /// `rules` name the shared addresses (`server_config::shared_networks`); never null.
    occupancy(hash_key key, const limits& limits, std::shared_ptr<const gate::move_rules> rules)
        : shares_{source_prefixes{key, limits}}, rules_{std::move(rules)}
    {
    }
    occupancy(const occupancy&) = delete;
    occupancy& operator=(const occupancy&) = delete;

    /// Replaces limits and rules. Counts everything again when prefixes or rules change: `each(count)` must
    /// call `count(peer)` for each connection. In the half-open limits, handshakes in progress stay counted
    /// under their former prefix.
    template <typename Each>
    void use(const limits& changed, const std::shared_ptr<const gate::move_rules>& rules, Each each) noexcept;

    /// Counts a new session or handshake of this peer. May throw std::bad_alloc, without effect.
    void add(const wire::endpoint& peer)
    {
        if (!rules_->is_shared(peer)) shares_.add(peer);
        ++connections_;
    }
    /// Subtracts a connection that was added.
    void remove(const wire::endpoint& peer) noexcept
    {
        if (!rules_->is_shared(peer)) shares_.remove(peer);
        --connections_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return connections_; }

    /// Returns the source that a handshake of this peer counts for; empty when its address is shared.
    [[nodiscard]] std::optional<source> source_of(const wire::endpoint& peer) const noexcept
    {
        if (rules_->is_shared(peer)) return std::nullopt;
        return shares_.prefixes().of(peer);
    }
    [[nodiscard]] pending_handshakes& half_open() noexcept { return half_open_; }
    [[nodiscard]] const pending_handshakes& half_open() const noexcept { return half_open_; }
    [[nodiscard]] held_memory& memory() noexcept { return memory_; }
    [[nodiscard]] const held_memory& memory() const noexcept { return memory_; }

    struct unknown_peer {
        wire::endpoint peer;
        validation which{};
        bool replaces = false;  ///< its Finished will replace its own session
    };
    /// Finds capacity for a new handshake. An unvalidated one displaces nothing: it may be forged, and a
    /// challenge costs a real client only a round trip. A validated one displaces the oldest unvalidated
    /// handshake within the limit that was reached. If there is none, it displaces the oldest validated one
    /// there, once that has lasted `limits::half_open_grace`. At `limits::max_sessions` it displaces only
    /// unvalidated ones.
    [[nodiscard]] capacity find_capacity(const unknown_peer& peer, const limits& limits,
                                         time_point now) const noexcept;

    /// See `dispatcher::take_freed`.
    void note_in_use() noexcept;
    [[nodiscard]] std::size_t take_freed(std::size_t least) noexcept { return in_use_.take_fall(least); }

private:
    template <typename OldestOf>
    [[nodiscard]] std::optional<capacity> find_in_shares(const unknown_peer& peer, const source& from,
                                                         const limits& limits,
                                                         OldestOf oldest_of) const noexcept;

    source_shares shares_;  ///< connections whose address is not shared
    std::shared_ptr<const gate::move_rules> rules_;
    std::size_t connections_ = 0;
    pending_handshakes half_open_;
    held_memory memory_;
    high_water in_use_;  ///< memory, in bytes
};

template <typename Each>
void occupancy::use(const limits& changed, const std::shared_ptr<const gate::move_rules>& rules,
                    Each each) noexcept
try {
    const auto prefixes = shares_.prefixes().with(changed);
    if (shares_.prefixes().same_lengths(prefixes) && rules == rules_) return;
    source_shares recounted{prefixes};
    each([&](const wire::endpoint& peer) {
        if (!rules->is_shared(peer)) recounted.add(peer);
    });
    shares_ = std::move(recounted);
    rules_ = rules;
} catch (const std::bad_alloc&) {  // the former prefixes and rules stay in use
}

}  // namespace quivive::dispatch
