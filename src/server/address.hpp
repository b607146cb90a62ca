#pragma once

#include "wire/endpoint.hpp"

#include <boost/asio/ip/udp.hpp>

namespace quivive::detail {

/// Between the canonical form of the deciding layers and Asio's; IPv4-mapped addresses become IPv4.
[[nodiscard]] wire::endpoint to_wire(const boost::asio::ip::udp::endpoint& endpoint) noexcept;
[[nodiscard]] boost::asio::ip::udp::endpoint to_asio(const wire::endpoint& endpoint) noexcept;

}  // namespace quivive::detail
