#include "server/listen.hpp"

#include "server/address.hpp"

#include <algorithm>

namespace quivive::runtime {

namespace {

/// `[::]` also receives IPv4 (RFC 3493 5.3), unless an IPv4 wildcard listens on the same port.
bool wants_v6_only(const server_config& config, const boost::asio::ip::udp::endpoint& address)
{
    if (!address.address().is_v6() || !address.address().is_unspecified()) return false;
    return std::ranges::any_of(config.listen, [&](const auto& other) {
        return other.address().is_v4() && other.address().is_unspecified() && other.port() == address.port();
    });
}

}  // namespace

std::vector<std::vector<transport::udp_socket>> open_sockets(const server_config& config, std::size_t shards)
{
    std::vector<std::vector<transport::udp_socket>> sockets(shards);
    for (const auto& address : config.listen) {
        auto at = to_wire(address);
        for (auto& of_shard : sockets) {
            of_shard.push_back(
                transport::udp_socket::bind(at, {.reuse_port = shards > 1,
                                                 .v6_only = wants_v6_only(config, address),
                                                 .receive_buffer_bytes = config.receive_buffer_bytes,
                                                 .send_buffer_bytes = config.send_buffer_bytes,
                                                 .coalescing = true}));
            at.port =
                of_shard.back().local_endpoint().port;  // port 0: all shards share the first socket's port
        }
    }
    return sockets;
}

}  // namespace quivive::runtime
