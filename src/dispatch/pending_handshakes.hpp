#pragma once

#include "dispatch/source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace quivive::dispatch {

struct connection;
class pending_entry;

/// Validation state of a handshake's peer address.
enum class validation : unsigned char {
    validated,    ///< the peer returned a cookie, or its network is trusted (`cookie_exchange::never`)
    unvalidated,  ///< admitted without a cookie by `cookie_exchange::adaptive`; the source address may be
                  ///< forged
};

/// Handshakes in the order in which they began. Unvalidated ones are queued separately, since a validated new
/// handshake may displace them. An entry can be in one queue of each `Level`. The owner of an entry must
/// remove it from its queues.
template <std::size_t Level>
class pending_queue {
public:
    void add(pending_entry& one) noexcept;
    void remove(pending_entry& one) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{count_[0]} + count_[1]; }
    /// Returns the oldest handshake, or null.
    [[nodiscard]] connection* oldest(validation which) const noexcept;

private:
    std::array<pending_entry*, 2> first_{};  ///< by validation state; circular lists
    std::array<std::uint32_t, 2> count_{};
};

/// The handshakes in progress: all of them, by source, and by the network around the source. A server that
/// missed a decrement on a failure path once stopped accepting handshakes for good (CVE-2022-39368). Here
/// each handshake has a `pending_entry` for its lifetime, and only that object counts it.
class pending_handshakes {
public:
    pending_handshakes() = default;
    pending_handshakes(const pending_handshakes&) = delete;
    pending_handshakes& operator=(const pending_handshakes&) = delete;

    using queue_of_all = pending_queue<0>;
    using queue_of_source = pending_queue<1>;
    using queue_around = pending_queue<2>;

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
    friend class pending_entry;
    template <typename Queue>
    using queues = std::unordered_map<std::uint64_t, Queue, source_id_hash>;

    queue_of_all all_;
    queues<queue_of_source> by_source_;
    queues<queue_around> around_;
};

/// Counts one handshake from construction to destruction, on every exit path.
class pending_entry {
public:
    /// `from`: empty when the handshake counts for no source. May throw std::bad_alloc.
    pending_entry(pending_handshakes& handshakes, connection& connection, validation which,
                  const std::optional<source>& from);
    ~pending_entry();
    pending_entry(const pending_entry&) = delete;
    pending_entry& operator=(const pending_entry&) = delete;

private:
    template <std::size_t Level>
    friend class pending_queue;
    struct neighbours {
        pending_entry* before = nullptr;
        pending_entry* after = nullptr;
    };

    pending_handshakes& handshakes_;
    connection& connection_;
    // Null when the handshake counts for none.
    pending_handshakes::queues<pending_handshakes::queue_of_source>::value_type* source_ = nullptr;
    pending_handshakes::queues<pending_handshakes::queue_around>::value_type* around_ = nullptr;
    std::array<neighbours, 3> in_{};  ///< one queue of each level
    validation which_;
};

}  // namespace quivive::dispatch
