#include "transport/sockaddr.hpp"

#include "wire/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace quivive::transport {

namespace {

/// fe80::/10, RFC 4291 2.5.6
bool is_link_local(const wire::endpoint& endpoint) noexcept
{
    return endpoint.address[0] == std::byte{0xfe} &&
           (endpoint.address[1] & std::byte{0xc0}) == std::byte{0x80};
}

}  // namespace

socket_address to_sockaddr(const wire::endpoint& endpoint, int family) noexcept
{
    socket_address result;
    if (family == AF_INET && endpoint.is_v4()) {
        result.v4 = {};
        result.v4.sin_family = AF_INET;
        result.v4.sin_port = htons(endpoint.port);
        std::memcpy(&result.v4.sin_addr, endpoint.v4_bytes().data(), sizeof(in_addr));
        result.size = sizeof(sockaddr_in);
        return result;
    }
    result.v6 = {};
    result.v6.sin6_family = AF_INET6;
    result.v6.sin6_port = htons(endpoint.port);
    std::memcpy(&result.v6.sin6_addr, endpoint.address.data(), sizeof(in6_addr));
    result.v6.sin6_scope_id = is_link_local(endpoint) ? endpoint.scope : 0;
    return result;
}

std::optional<wire::endpoint> to_endpoint(const socket_address& address) noexcept
{
    if (address.size < sizeof(sa_family_t)) return std::nullopt;
    if (address.any.sa_family == AF_INET && address.size >= sizeof(sockaddr_in))
        return to_endpoint(address.v4.sin_addr, ntohs(address.v4.sin_port));
    if (address.any.sa_family == AF_INET6 && address.size >= sizeof(sockaddr_in6))
        return to_endpoint(address.v6.sin6_addr, ntohs(address.v6.sin6_port), address.v6.sin6_scope_id);
    return std::nullopt;
}

wire::endpoint to_endpoint(const in_addr& address, std::uint16_t port) noexcept
{
    std::array<std::byte, 4> bytes;
    std::memcpy(bytes.data(), &address, bytes.size());
    return wire::endpoint::v4(bytes, port);
}

wire::endpoint to_endpoint(const in6_addr& address, std::uint16_t port, std::uint32_t interface) noexcept
{
    wire::endpoint result;
    std::memcpy(result.address.data(), &address, result.address.size());
    result.port = port;
    if (is_link_local(result)) result.scope = interface;
    return result;
}

bool is_wildcard(const wire::endpoint& endpoint) noexcept
{
    const auto significant =
        endpoint.is_v4() ? wire::bytes{endpoint.v4_bytes()} : wire::bytes{endpoint.address};
    return std::ranges::all_of(significant, [](std::byte b) { return b == std::byte{0}; });
}

std::string to_text(const wire::endpoint& endpoint)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto port = std::to_string(endpoint.port);
    if (endpoint.is_v4()) {
        ::inet_ntop(AF_INET, endpoint.v4_bytes().data(), text.data(), text.size());
        return std::string{text.data()} + ":" + port;
    }
    ::inet_ntop(AF_INET6, endpoint.address.data(), text.data(), text.size());
    auto result =
        std::string{"["} + text.data();  // with append below: GCC 12 warns about operator+ of std::string
    if (endpoint.scope != 0) result.append("%").append(std::to_string(endpoint.scope));
    return result.append("]:").append(port);
}

}  // namespace quivive::transport
