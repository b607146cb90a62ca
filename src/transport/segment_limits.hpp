#pragma once

#include "wire/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::transport {

/// Table of addresses for which the kernel has refused to split a buffer into datagrams (UDP_SEGMENT), with
/// the refused size. It is indexed by the peer's address, since the route decides (its MTU, its device,
/// IPsec). A peer behind a small path MTU therefore does not affect others. Routes change, so an entry
/// expires after a number of datagrams sent alone. The table has a fixed size. An address that loses its
/// entry to another one is tried again.
///
/// A device that cannot split buffers affects all peers. After such refusals for several addresses in a row,
/// no buffer is tried for a longer time.
class segment_limits {
public:
    /// Datagrams to one address that are sent alone after a refusal.
    static constexpr std::size_t unsegmented_after_refusal = 1'024;
    /// After this number of refusals due to the device, `unsegmented_after_device` datagrams to any address
    /// are sent alone. Only refusals in a row count: no buffer was accepted in between, and each is for
    /// another address than the one before.
    static constexpr std::size_t device_refusals = 8;
    static constexpr std::size_t unsegmented_after_device = 65'536;
    /// Addresses in the table. A connected socket needs one.
    static constexpr std::size_t places = 256;

    /// Returns whether a datagram of this size may share a buffer with others to `peer`; counts it if not.
    [[nodiscard]] bool allow(const wire::endpoint& peer, std::size_t size) noexcept
    {
        return (used_ == 0 && unsegmented_left_ == 0) || find(peer, size);
    }

    /// Records that a buffer of datagrams of `size` bytes was refused, although they could be sent one by
    /// one. `by_device`: refused because of the device, for any size. Does nothing when out of memory.
    void refuse(const wire::endpoint& peer, std::size_t size, bool by_device, bool connected) noexcept;

    /// Records that the kernel has accepted a buffer.
    void taken() noexcept { device_refused_ = 0; }

private:
    struct entry {
        wire::endpoint peer;      ///< without its port
        std::uint16_t above = 0;  ///< larger datagrams are sent alone
        std::uint16_t left = 0;   ///< datagrams until the entry expires; 0: the place is free
    };

    [[nodiscard]] bool find(const wire::endpoint& peer, std::size_t size) noexcept;
    void note_device(const wire::endpoint& peer) noexcept;
    [[nodiscard]] entry& entry_for(const wire::endpoint& peer) noexcept;

    std::vector<entry> table_;  ///< empty until the first refusal
    std::size_t used_ = 0;
    std::size_t device_refused_ = 0;
    wire::endpoint device_refused_last_;  ///< without its port
    std::size_t unsegmented_left_ = 0;    ///< datagrams to any address that still have to be sent alone
};

}  // namespace quivive::transport
