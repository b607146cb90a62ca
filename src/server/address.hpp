#pragma once

#include "wire/endpoint.hpp"

#include <boost/asio/ip/udp.hpp>

namespace quivive::detail {

/// Between the canonical form of the deciding layers and Asio's; IPv4-mapped addresses become IPv4.
[[nodiscard]] wire::endpoint to_wire(const boost::asio::ip::udp::endpoint& endpoint) noexcept;
[[nodiscard]] boost::asio::ip::udp::endpoint to_asio(const wire::endpoint& endpoint) noexcept;

/// Whether what is sent to `local` comes in by a socket that is bound there.
[[nodiscard]] bool receives(const boost::asio::ip::udp::endpoint& bound,
                            const wire::endpoint& local) noexcept;

}  // namespace quivive::detail
