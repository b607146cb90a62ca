#include "transport/udp_socket.hpp"

#include "transport/control_message.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include <unistd.h>

namespace quivive::transport {

namespace {

/// Throws the error in `errno` unless `good`.
void require(bool good, const char* what, const wire::endpoint& address)
{
    if (good) return;
    const boost::system::error_code error{errno, boost::system::system_category()};
    throw boost::system::system_error{error, what + to_text(address)};
}

bool set_option(int descriptor, int level, int name, int value) noexcept
{
    return ::setsockopt(descriptor, level, name, &value, sizeof(value)) == 0;
}

/// Sets a socket buffer to the requested size, or as close to it as the system allows. The option `forced`
/// exceeds net.core.[rw]mem_max for privileged processes.
void set_buffer(int descriptor, int forced, int modest, std::size_t bytes) noexcept
{
    if (bytes == 0) return;
    const int value = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX / 2));  // the kernel doubles it
    if (!set_option(descriptor, SOL_SOCKET, forced, value))
        (void)set_option(descriptor, SOL_SOCKET, modest, value);
}

int family_of(const wire::endpoint& endpoint) noexcept { return endpoint.is_v4() ? AF_INET : AF_INET6; }

}  // namespace

udp_socket udp_socket::bind(const wire::endpoint& at, const socket_options& options)
{
    udp_socket result{family_of(at)};
    result.wildcard_ = is_wildcard(at);
    // Destination addresses are requested before the first datagram can arrive.
    require(result.open(options) &&
                (!result.wildcard_ || request_destination(result.descriptor_, result.family_)) &&
                result.bind_to(at),
            "cannot listen on ", at);
    return result;
}

udp_socket udp_socket::connect(const wire::endpoint& to, const std::optional<wire::endpoint>& from,
                               const socket_options& options)
{
    // A socket bound to the IPv6 wildcard can connect to servers of either family.
    udp_socket result{from && !from->is_v4() ? AF_INET6 : family_of(to)};
    require(result.open(options), "cannot connect to ", to);
    if (from) require(result.bind_to(*from), "cannot bind ", *from);
    require(result.connect_to(to), "cannot connect to ", to);
    return result;
}

udp_socket::~udp_socket()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

udp_socket::udp_socket(udp_socket&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      family_{other.family_},
      connected_{other.connected_},
      wildcard_{other.wildcard_},
      coalescing_{other.coalescing_},
      segmentation_{other.segmentation_},
      local_{other.local_}
{
}

udp_socket& udp_socket::operator=(udp_socket&& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    std::swap(family_, other.family_);
    std::swap(connected_, other.connected_);
    std::swap(wildcard_, other.wildcard_);
    std::swap(coalescing_, other.coalescing_);
    std::swap(segmentation_, other.segmentation_);
    std::swap(local_, other.local_);
    return *this;
}

bool udp_socket::open(const socket_options& options) noexcept
{
    descriptor_ = ::socket(family_, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (descriptor_ < 0) return false;
    set_buffer(descriptor_, SO_RCVBUFFORCE, SO_RCVBUF, options.receive_buffer_bytes);
    set_buffer(descriptor_, SO_SNDBUFFORCE, SO_SNDBUF, options.send_buffer_bytes);
    coalescing_ = options.coalescing && request_coalescing(descriptor_);
    segmentation_ = options.segmentation && can_segment(descriptor_);
    // Set in both cases, since the default depends on the system (net.ipv6.bindv6only).
    if (family_ == AF_INET6 && !set_option(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0))
        return false;
    return !options.reuse_port || set_option(descriptor_, SOL_SOCKET, SO_REUSEPORT, 1);
}

bool udp_socket::bind_to(const wire::endpoint& at) noexcept
{
    const auto address = to_sockaddr(at, family_);
    return ::bind(descriptor_, &address.any, address.size) == 0 && note_local_endpoint();
}

bool udp_socket::connect_to(const wire::endpoint& to) noexcept
{
    const auto address = to_sockaddr(to, family_);
    connected_ = ::connect(descriptor_, &address.any, address.size) == 0;
    return connected_ && note_local_endpoint();
}

bool udp_socket::note_local_endpoint() noexcept
{
    socket_address address;
    if (::getsockname(descriptor_, &address.any, &address.size) != 0) return false;
    local_ = to_endpoint(address).value_or(wire::endpoint{});
    return true;
}

}  // namespace quivive::transport
