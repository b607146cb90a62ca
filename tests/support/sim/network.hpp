#pragma once

#include "support/sim/link.hpp"
#include "support/sim/server.hpp"

#include <deque>
#include <map>
#include <memory>

namespace quivive::test::sim {

/// Whoever has an address.
class node {
public:
    virtual ~node() = default;
    /// `genuine`: it is what the server sent, unchanged.
    virtual void arrive(const octets& datagram, bool genuine) = 0;
};

/// The one server, and a way there and back for each node. What is sent to an address that nobody has is
/// lost, but counted by the auditor like the rest: a victim of a forged source address is such a one.
class network {
public:
    network(schedule& time, seeded_random& random) : time_{time}, random_{random} {}

    void connect_to(server& one) { server_ = &one; }

    /// A way that several addresses may use, one after the other (NAT) or at once.
    struct way {
        link up, down;
    };
    [[nodiscard]] std::shared_ptr<way> make_way(const conditions& both) const
    {
        return std::make_shared<way>(way{{time_, random_, both}, {time_, random_, both}});
    }

    void attach(const wire::endpoint& at, node& connection, std::shared_ptr<way> by)
    {
        nodes_[at] = {&connection, std::move(by)};
    }
    [[nodiscard]] bool is_taken(const wire::endpoint& at) const { return nodes_.contains(at); }
    void detach(const wire::endpoint& at) { nodes_.erase(at); }

    /// From whom it says it is. `by`: null for an attacker, whose datagrams come at once.
    void to_server(const wire::endpoint& from, const octets& datagram, const std::shared_ptr<way>& by);
    void to_node(const wire::endpoint& to, const octets& datagram);
    /// As if the server had sent it.
    void forge_to_node(const wire::endpoint& to, const octets& datagram);

    /// What passed lately, for those who listen on the way: the newest last.
    struct heard {
        wire::endpoint peer;
        bool up;
        octets datagram;
    };
    [[nodiscard]] const std::deque<heard>& overheard() const { return heard_; }

    [[nodiscard]] static wire::path path_of(const wire::endpoint& peer);

private:
    void remember(const wire::endpoint& peer, bool up, const octets& datagram);

    struct place {
        node* connection = nullptr;
        std::shared_ptr<way> by;
    };

    schedule& time_;
    seeded_random& random_;
    server* server_ = nullptr;
    std::map<wire::endpoint, place> nodes_;
    std::deque<heard> heard_;
};

/// Whether the first record has a connection id (RFC 9146).
[[nodiscard]] inline bool begins_with_id(const octets& datagram)
{
    return !datagram.empty() &&
           static_cast<wire::content_type>(datagram.front()) == wire::content_type::tls12_cid;
}

/// An IPv4 address, given as a number, and a port.
[[nodiscard]] inline wire::endpoint address_of(std::uint32_t number, std::size_t port)
{
    const auto byte = [&](unsigned shift) { return static_cast<std::byte>(number >> shift & 0xff); };
    return wire::endpoint::v4({byte(24), byte(16), byte(8), byte(0)}, static_cast<std::uint16_t>(port));
}

}  // namespace quivive::test::sim
