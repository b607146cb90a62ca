#include "support/sim/network.hpp"

namespace quivive::test::sim {

wire::path network::path_of(const wire::endpoint& peer) { return {address_of(0xc00002fe, 4'433), peer, 0}; }

void network::to_server(const wire::endpoint& from, const octets& datagram, const std::shared_ptr<way>& by)
{
    if (!by) return server_->take(path_of(from), datagram);
    remember(from, true, datagram);
    server_->audit.sends(datagram);
    by->up.pass(datagram, [this, from](const octets& arrived, bool genuine) {
        if (!genuine) server_->audit.provoked(path_of(from));
        server_->take(path_of(from), arrived);
    });
}

void network::to_node(const wire::endpoint& to, const octets& datagram)
{
    const auto found = nodes_.find(to);
    if (found == nodes_.end()) return;
    remember(to, false, datagram);
    found->second.by->down.pass(datagram, [this, to](const octets& arrived, bool genuine) {
        const auto there = nodes_.find(to);
        if (there == nodes_.end()) return;
        if (!genuine) server_->audit.disturbed(path_of(to));
        there->second.receiver->arrive(arrived, genuine);
    });
}

void network::forge_to_node(const wire::endpoint& to, const octets& datagram)
{
    const auto found = nodes_.find(to);
    if (found == nodes_.end()) return;
    server_->audit.disturbed(path_of(to));
    found->second.receiver->arrive(datagram, false);
}

void network::remember(const wire::endpoint& peer, bool up, const octets& datagram)
{
    heard_.push_back({peer, up, datagram});
    if (heard_.size() > 64) heard_.pop_front();
}

}  // namespace quivive::test::sim
