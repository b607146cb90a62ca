#pragma once

#include "transport/sockaddr.hpp"
#include "wire/endpoint.hpp"

#include <cstddef>
#include <optional>

namespace quivive::transport {

struct socket_options {
    bool reuse_port = false;  ///< SO_REUSEPORT: several shards on one address, the kernel spreads the peers
    bool v6_only = false;     ///< else an IPv6 socket bound to [::] takes IPv4 too
    std::size_t receive_buffer_bytes = 0;  ///< 0: the system's default; else as near as the system lets
    std::size_t send_buffer_bytes = 0;     ///< likewise
    bool coalescing = false;   ///< UDP_GRO, where the kernel has it; for whom has buffers of 64 KiB
    bool segmentation = true;  ///< UDP_SEGMENT, likewise
};

/// The descriptor of a UDP socket, non-blocking and closed on exec. One bound to a wildcard tells where each
/// datagram was sent to.
///
/// IP_MTU_DISCOVER stays as the system has it: on Linux DF is set and the path MTU learnt, and what is larger
/// is fragmented here. IP_RECVERR stays off: a socket that serves many peers hears of no ICMP message, which
/// any of them could forge.
class udp_socket {
public:
    /// Throws `boost::system::system_error` with the address in its text, as what is wrong here is the
    /// configuration.
    [[nodiscard]] static udp_socket bind(const wire::endpoint& at, const socket_options& options = {});

    /// A client's: it hears only of `to`, and of errors that ICMP reports. Throws likewise.
    [[nodiscard]] static udp_socket connect(const wire::endpoint& to,
                                            const std::optional<wire::endpoint>& from = std::nullopt,
                                            const socket_options& options = {});

    ~udp_socket();
    udp_socket(udp_socket&& other) noexcept;
    udp_socket& operator=(udp_socket&& other) noexcept;

    [[nodiscard]] int native_handle() const noexcept { return descriptor_; }
    [[nodiscard]] int family() const noexcept { return family_; }  ///< AF_INET or AF_INET6
    [[nodiscard]] bool connected() const noexcept { return connected_; }

    /// With the port that the system chose when 0 was asked for.
    [[nodiscard]] const wire::endpoint& local_endpoint() const noexcept { return local_; }

    /// Whether each datagram says for itself which local address it was sent to, or is to leave from.
    [[nodiscard]] bool wildcard() const noexcept { return wildcard_; }

    /// Whether many datagrams of one peer may come in one buffer.
    [[nodiscard]] bool coalescing() const noexcept { return coalescing_; }

    /// Whether many datagrams to one peer may leave in one buffer.
    [[nodiscard]] bool segmentation() const noexcept { return segmentation_; }

private:
    explicit udp_socket(int family) noexcept : family_{family} {}

    // Steps of the two above. False: see `errno`.
    [[nodiscard]] bool open(const socket_options& options) noexcept;
    [[nodiscard]] bool bind_to(const wire::endpoint& at) noexcept;
    [[nodiscard]] bool connect_to(const wire::endpoint& to) noexcept;
    [[nodiscard]] bool note_local_endpoint() noexcept;

    int descriptor_ = -1;
    int family_;
    bool connected_ = false;
    bool wildcard_ = false;
    bool coalescing_ = false;
    bool segmentation_ = false;
    wire::endpoint local_;
};

}  // namespace quivive::transport
