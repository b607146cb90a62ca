#pragma once

#include "wire/endpoint.hpp"

#include <boost/asio/ip/udp.hpp>

namespace quivive::runtime {

/// Convert between the canonical endpoint of the lower layers and Asio's. IPv4-mapped addresses become IPv4.
[[nodiscard]] wire::endpoint to_wire(const boost::asio::ip::udp::endpoint& endpoint) noexcept;
[[nodiscard]] boost::asio::ip::udp::endpoint to_asio(const wire::endpoint& endpoint) noexcept;

/// Returns whether a socket bound to `bound` receives datagrams sent to `local`.
[[nodiscard]] bool receives(const boost::asio::ip::udp::endpoint& bound,
                            const wire::endpoint& local) noexcept;

}  // namespace quivive::runtime
