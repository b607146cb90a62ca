#pragma once

#include "transport/sockaddr.hpp"
#include "wire/endpoint.hpp"

#include <cstddef>
#include <optional>

namespace quivive::transport {

struct socket_options {
    bool reuse_port = false;  ///< SO_REUSEPORT: shards share an address, the kernel distributes the peers
    bool v6_only = false;     ///< false: an IPv6 socket bound to [::] accepts IPv4 too
    std::size_t receive_buffer_bytes = 0;  ///< 0: system default; otherwise as close as the system allows
    std::size_t send_buffer_bytes = 0;     ///< same as `receive_buffer_bytes`, for sending
    bool coalescing = false;               ///< UDP_GRO if the kernel supports it; requires buffers of 64 KiB
    bool segmentation = true;              ///< UDP_SEGMENT if the kernel supports it
};

/// Descriptor of a UDP socket, non-blocking and close-on-exec. A socket bound to a wildcard address reports
/// the destination of each datagram.
///
/// IP_MTU_DISCOVER keeps the system's default: on Linux DF is set, the path MTU is learnt, and larger
/// datagrams are fragmented locally. IP_RECVERR stays off: a socket that serves many peers receives no ICMP
/// errors, which any of them could forge.
class udp_socket {
public:
    /// Creates a socket bound to `at`. Throws `boost::system::system_error` with the address in its text,
    /// since a failure here is usually an error of the configuration.
    [[nodiscard]] static udp_socket bind(const wire::endpoint& at, const socket_options& options = {});

    /// Creates a client's socket, which receives only datagrams from `to`, and ICMP errors. Throws likewise.
    [[nodiscard]] static udp_socket connect(const wire::endpoint& to,
                                            const std::optional<wire::endpoint>& from = std::nullopt,
                                            const socket_options& options = {});

    ~udp_socket();
    udp_socket(udp_socket&& other) noexcept;
    udp_socket& operator=(udp_socket&& other) noexcept;

    [[nodiscard]] int native_handle() const noexcept { return descriptor_; }
    [[nodiscard]] int family() const noexcept { return family_; }  ///< AF_INET or AF_INET6
    [[nodiscard]] bool connected() const noexcept { return connected_; }

    /// Returns the bound address, with the port that the system chose if port 0 was requested.
    [[nodiscard]] const wire::endpoint& local_endpoint() const noexcept { return local_; }

    /// Returns whether each datagram carries its own local address, as destination or source.
    [[nodiscard]] bool wildcard() const noexcept { return wildcard_; }

    /// Returns whether the kernel may deliver several datagrams of one peer in one buffer.
    [[nodiscard]] bool coalescing() const noexcept { return coalescing_; }

    /// Returns whether several datagrams to one peer may be sent in one buffer.
    [[nodiscard]] bool segmentation() const noexcept { return segmentation_; }

private:
    explicit udp_socket(int family) noexcept : family_{family} {}

    // Steps of `bind` and `connect`. False: see `errno`.
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
