#pragma once

#include "dispatch/peer_key.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

namespace quivive::dispatch {

struct member;

/// Counts the handshakes in progress, in all and by source address, oldest first.
///
/// What is taken is given back by the ticket's destructor, on whatever way a handshake ends: counters that
/// are not given back on failure once made a server deaf for good (CVE-2022-39368).
class half_open_ledger {
public:
    explicit half_open_ledger(hash_key key) : by_source_{0, source_hash{key}} {}
    half_open_ledger(const half_open_ledger&) = delete;
    half_open_ledger& operator=(const half_open_ledger&) = delete;

    class ticket {
    public:
        ticket(ticket&& other) noexcept : ledger_{std::exchange(other.ledger_, nullptr)}, place_{other.place_}
        {
        }
        ticket& operator=(ticket&&) = delete;
        ~ticket();

    private:
        friend class half_open_ledger;
        using places = std::list<std::pair<member*, wire::endpoint>>;
        ticket(half_open_ledger& ledger, places::iterator place) noexcept : ledger_{&ledger}, place_{place} {}
        half_open_ledger* ledger_;
        places::iterator place_;
    };

    /// How many `source` has, whatever its ports.
    [[nodiscard]] std::size_t of_source(const wire::endpoint& source) const noexcept;

    /// May throw std::bad_alloc, and has changed nothing then.
    [[nodiscard]] ticket take(member& who, const wire::endpoint& source);

    /// The handshake that began first, or null.
    [[nodiscard]] member* oldest() const noexcept
    {
        return places_.empty() ? nullptr : places_.front().first;
    }
    [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }

private:
    [[nodiscard]] static wire::endpoint without_port(wire::endpoint source) noexcept;

    ticket::places places_;
    std::unordered_map<wire::endpoint, std::uint32_t, source_hash> by_source_;
};

}  // namespace quivive::dispatch
