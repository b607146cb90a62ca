#pragma once

#include "support/sim/link.hpp"
#include "support/sim/server.hpp"

#include <deque>
#include <map>
#include <memory>

namespace quivive::test::sim {

/// The owner of an address.
class node {
public:
    virtual ~node() = default;
    /// `genuine`: the datagram is what the server sent, unchanged.
    virtual void arrive(const octets& datagram, bool genuine) = 0;
};

/// The one server, and a path in both directions for each node. A datagram to an unused address is lost,
/// but the auditor counts it: the victim of a forged source address has one.
class network {
public:
    network(schedule& time, seeded_random& random) : time_{time}, random_{random} {}

    void connect_to(server& one) { server_ = &one; }

    /// A path that several addresses may use, one after the other (NAT) or at once.
    struct way {
        link up, down;
    };
    [[nodiscard]] std::shared_ptr<way> make_way(const conditions& both) const
    {
        return std::make_shared<way>(way{{time_, random_, both}, {time_, random_, both}});
    }

    void attach(const wire::endpoint& at, node& receiver, std::shared_ptr<way> by)
    {
        nodes_[at] = {&receiver, std::move(by)};
    }
    [[nodiscard]] bool is_taken(const wire::endpoint& at) const { return nodes_.contains(at); }
    void detach(const wire::endpoint& at) { nodes_.erase(at); }

    /// Sends a datagram with this source address. `by`: null for an attacker, whose datagrams arrive at
    /// once.
    void to_server(const wire::endpoint& from, const octets& datagram, const std::shared_ptr<way>& by);
    void to_node(const wire::endpoint& to, const octets& datagram);
    /// Sends a datagram with the server's address as its source.
    void forge_to_node(const wire::endpoint& to, const octets& datagram);

    /// Datagrams that passed recently, for attackers on the path; the newest last.
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
        node* receiver = nullptr;
        std::shared_ptr<way> by;
    };

    schedule& time_;
    seeded_random& random_;
    server* server_ = nullptr;
    std::map<wire::endpoint, place> nodes_;
    std::deque<heard> heard_;
};

/// Returns whether the first record has a connection id (RFC 9146).
[[nodiscard]] inline bool begins_with_id(const octets& datagram)
{
    return !datagram.empty() &&
           static_cast<wire::content_type>(datagram.front()) == wire::content_type::tls12_cid;
}

/// Returns the endpoint of an IPv4 address, given as a number, and a port.
[[nodiscard]] inline wire::endpoint address_of(std::uint32_t number, std::size_t port)
{
    const auto byte = [&](unsigned shift) { return static_cast<std::byte>(number >> shift & 0xff); };
    return wire::endpoint::v4({byte(24), byte(16), byte(8), byte(0)}, static_cast<std::uint16_t>(port));
}

}  // namespace quivive::test::sim
