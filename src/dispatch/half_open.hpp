#pragma once

#include "dispatch/peer_key.hpp"
#include "wire/time.hpp"

#include <array>
#include <cstdint>
#include <unordered_map>

namespace quivive::dispatch {

struct member;
class half_open_place;

/// Whether a handshake's peer is known to be where its datagrams come from.
enum class standing : unsigned char {
    proven,    ///< it gave back a cookie, or its network is trusted (`cookie_exchange::never`)
    in_doubt,  ///< admitted without a cookie by `cookie_exchange::adaptive`: anyone may have sent its hello
};

/// Handshakes in the order in which they began, those in doubt apart, since a proven newcomer may displace
/// them. One place may be in a queue of each `Level`; whoever owns the places takes them out.
template <std::size_t Level>
class half_open_queue {
public:
    void add(half_open_place& one) noexcept;
    void remove(half_open_place& one) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{count_[0]} + count_[1]; }
    /// The handshake that began first, or null.
    [[nodiscard]] member* oldest(standing which) const noexcept;

private:
    std::array<half_open_place*, 2> first_{};  ///< by standing; in a circle, the last one before it
    std::array<std::uint32_t, 2> count_{};
};

/// The handshakes in progress, in all and by source address. Counters that are not given back on failure once
/// made a server deaf for good (CVE-2022-39368): here a handshake has a `half_open_place` for as long as it
/// lasts, and counts by that alone.
class half_open_ledger {
public:
    explicit half_open_ledger(hash_key key) : by_source_{0, source_hash{key}} {}
    half_open_ledger(const half_open_ledger&) = delete;
    half_open_ledger& operator=(const half_open_ledger&) = delete;

    using queue_of_all = half_open_queue<0>;
    using queue_of_source = half_open_queue<1>;

    [[nodiscard]] const queue_of_all& all() const noexcept { return all_; }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    /// Those of one source, whatever its ports; null: it has none.
    [[nodiscard]] const queue_of_source* of_source(const wire::endpoint& source) const noexcept;

private:
    friend class half_open_place;
    using sources = std::unordered_map<wire::endpoint, queue_of_source, source_hash>;

    queue_of_all all_;
    sources by_source_;
};

/// Counts one handshake, from its construction to its destructor, on whatever way that ends.
class half_open_place {
public:
    /// May throw std::bad_alloc.
    half_open_place(half_open_ledger& ledger, member& who, standing which, const wire::endpoint& source);
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
    member& who_;
    half_open_ledger::sources::value_type& source_;
    std::array<neighbours, 2> in_{};  ///< a queue of each level
    standing which_;
};

}  // namespace quivive::dispatch
