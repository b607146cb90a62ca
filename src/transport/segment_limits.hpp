#pragma once

#include "wire/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quivive::transport {

/// Where the kernel has refused to cut a buffer into datagrams, and of which size: by the peer's address,
/// since the route to it decides (its MTU, its device, IPsec). So a peer behind a small path MTU changes
/// nothing for others. A refusal is forgotten after a number of datagrams that went alone for it, as routes
/// change; the table has a fixed size, and an address that finds its place taken by another's is just tried
/// again.
///
/// Only a device that cuts nothing concerns all: when several addresses in a row were refused for that, no
/// buffer is tried for a longer while.
class segment_limits {
public:
    /// Datagrams to one address that go alone after a refusal.
    static constexpr std::size_t remembered_for = 1'024;
    /// Refusals in a row that are about the device, each of another address than the one before, with no
    /// buffer taken between: then so many datagrams go
    /// alone, whichever their address.
    static constexpr std::size_t device_refusals = 8;
    static constexpr std::size_t device_remembered_for = 65'536;
    /// Addresses that are remembered at a time. A connected socket has one.
    static constexpr std::size_t places = 256;

    /// Whether a datagram of this size may share a buffer with others to `peer`; counts it when not.
    [[nodiscard]] bool allow(const wire::endpoint& peer, std::size_t size) noexcept
    {
        return (used_ == 0 && all_alone_ == 0) || find(peer, size);
    }

    /// A buffer of datagrams of `size` was refused that went well one by one; `by_device`: because of the
    /// device, whatever their size. Without memory nothing is remembered.
    void refuse(const wire::endpoint& peer, std::size_t size, bool by_device, bool connected) noexcept;

    /// The kernel has taken a buffer.
    void taken() noexcept { device_refused_ = 0; }

private:
    struct place {
        wire::endpoint peer;      ///< without its port
        std::uint16_t above = 0;  ///< larger ones go alone
        std::uint16_t left = 0;   ///< datagrams until it is forgotten; 0: the place is free
    };

    [[nodiscard]] bool find(const wire::endpoint& peer, std::size_t size) noexcept;
    void note_device(const wire::endpoint& peer) noexcept;
    [[nodiscard]] place& place_of(const wire::endpoint& peer) noexcept;

    std::vector<place> table_;  ///< empty until the first refusal
    std::size_t used_ = 0;
    std::size_t device_refused_ = 0;
    wire::endpoint device_refused_last_;  ///< without its port
    std::size_t all_alone_ = 0;           ///< datagrams left that go alone, to all
};

}  // namespace quivive::transport
