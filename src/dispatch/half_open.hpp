#pragma once

#include "dispatch/source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace quivive::dispatch {

struct connection;
class half_open_place;

/// Validation state of a handshake's peer address.
enum class standing : unsigned char {
    proven,    ///< it returned a cookie, or its network is trusted (`cookie_exchange::never`)
    in_doubt,  ///< admitted without a cookie by `cookie_exchange::adaptive`; the source address may be forged
};

/// Handshakes in the order in which they began. Unvalidated ones are queued separately, since a validated new
/// handshake may displace them. An entry may be in one queue of each `Level`. The owner of the entries
/// removes them.
template <std::size_t Level>
class half_open_queue {
public:
    void add(half_open_place& one) noexcept;
    void remove(half_open_place& one) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{count_[0]} + count_[1]; }
    /// Returns the oldest handshake, or null.
    [[nodiscard]] connection* oldest(standing which) const noexcept;

private:
    std::array<half_open_place*, 2> first_{};  ///< by validation state; circular lists
    std::array<std::uint32_t, 2> count_{};
};

/// The handshakes in progress: all of them, by source, and by the network around the source. A server that
/// missed a decrement on a failure path once stopped accepting handshakes for good (CVE-2022-39368). Here
/// each handshake has a `half_open_place` for its lifetime, and only that object counts it.
class half_open_ledger {
public:
    half_open_ledger() = default;
    half_open_ledger(const half_open_ledger&) = delete;
    half_open_ledger& operator=(const half_open_ledger&) = delete;

    using queue_of_all = half_open_queue<0>;
    using queue_of_source = half_open_queue<1>;
    using queue_around = half_open_queue<2>;

    [[nodiscard]] const queue_of_all& all() const noexcept { return all_; }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    /// Returns the handshakes of one source; null when it has none.
    [[nodiscard]] const queue_of_source* of_source(const source& from) const noexcept
    {
        const auto found = by_source_.find(from.own);
        return found == by_source_.end() ? nullptr : &found->second;
    }
    /// Returns the handshakes of the network around the source. Null when there are none or no such network
    /// exists.
    [[nodiscard]] const queue_around* around(const source& from) const noexcept
    {
        const auto found = from.around ? around_.find(*from.around) : around_.end();
        return found == around_.end() ? nullptr : &found->second;
    }

private:
    friend class half_open_place;
    template <typename Queue>
    using queues = std::unordered_map<std::uint64_t, Queue, source_id_hash>;

    queue_of_all all_;
    queues<queue_of_source> by_source_;
    queues<queue_around> around_;
};

/// Counts one handshake from construction to destruction, on every exit path.
class half_open_place {
public:
    /// `from`: empty when the handshake counts for no source. May throw std::bad_alloc.
    half_open_place(half_open_ledger& ledger, connection& connection, standing which,
                    const std::optional<source>& from);
    ~half_open_place();
    half_open_place(const half_open_place&) = delete;
    half_open_place& operator=(const half_open_place&) = delete;

private:
    template <std::size_t Level>
    friend class half_open_queue;
    struct neighbours {
        half_open_place* before = nullptr;
        half_open_place* after = nullptr;
    };

    half_open_ledger& ledger_;
    connection& connection_;
    // Null when the handshake counts for none.
    half_open_ledger::queues<half_open_ledger::queue_of_source>::value_type* source_ = nullptr;
    half_open_ledger::queues<half_open_ledger::queue_around>::value_type* around_ = nullptr;
    std::array<neighbours, 3> in_{};  ///< one queue of each level
    standing which_;
};

}  // namespace quivive::dispatch
