#include "server/address.hpp"

#include <array>
#include <cstring>

namespace quivive::runtime {

namespace ip = boost::asio::ip;

wire::endpoint to_wire(const ip::udp::endpoint& endpoint) noexcept
{
    if (endpoint.address().is_v4()) {
        std::array<std::byte, 4> bytes;
        const auto from = endpoint.address().to_v4().to_bytes();
        std::memcpy(bytes.data(), from.data(), bytes.size());
        return wire::endpoint::v4(bytes, endpoint.port());
    }
    const auto v6 = endpoint.address().to_v6();
    const auto from = v6.to_bytes();
    wire::endpoint result;
    std::memcpy(result.address.data(), from.data(), from.size());
    result.port = endpoint.port();
    result.scope = v6.is_link_local() ? static_cast<std::uint32_t>(v6.scope_id()) : 0;
    return result;
}

ip::udp::endpoint to_asio(const wire::endpoint& endpoint) noexcept
{
    if (endpoint.is_v4()) {
        ip::address_v4::bytes_type bytes;
        std::memcpy(bytes.data(), endpoint.v4_bytes().data(), bytes.size());
        return {ip::address_v4{bytes}, endpoint.port};
    }
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), endpoint.address.data(), bytes.size());
    return {ip::address_v6{bytes, endpoint.scope}, endpoint.port};
}

bool receives(const ip::udp::endpoint& bound, const wire::endpoint& local) noexcept
{
    if (bound.port() != local.port) return false;
    return bound.address().is_unspecified() || to_wire(bound).address == local.address;
}

}  // namespace quivive::runtime
