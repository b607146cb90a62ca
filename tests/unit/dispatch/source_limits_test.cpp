// Quotas of one source for sessions and handshakes, and the effect of reaching them.
#include "unit/dispatch/departure.hpp"
#include "unit/dispatch/mobile.hpp"
#include "unit/dispatch/source_worlds.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using dispatch::import_outcome;
using sessions::close_reason;

namespace {

/// Adds a client at 2001:db8:`site`:`net`::`host`.
remote& add_ipv6(world& around, unsigned site, unsigned net, unsigned host)
{
    auto path = world::path_of(1, 1000);
    path.peer.address = {std::byte{0x20}, std::byte{0x01}, std::byte{0x0d}, std::byte{0xb8}};
    path.peer.address[5] = static_cast<std::byte>(site);
    path.peer.address[7] = static_cast<std::byte>(net);
    path.peer.address[15] = static_cast<std::byte>(host);
    return *around.clients.emplace_back(std::make_unique<remote>(around, path));
}

void use(world& around, const limits& changed)
{
    around.terms.limits = std::make_shared<const limits>(changed);
    around.server->use(around.terms);
}

}  // namespace

TEST_CASE("max_sessions_per_source: a source at its quota is refused until one of its sessions ends")
{
    world around{with_share(2)};
    auto& first = around.connect(1, 1);
    CHECK(around.connect(1, 2).connected());
    auto& third = around.add_client(1, 3);
    CHECK(around.begin(third).reason == drop_reason::source_session_limit);
    CHECK(around.connect(2, 1).connected());
    first.close();
    around.settle();
    CHECK(around.route(third.path(), third.sent.back()).disposition == disposition::delivered);
    around.settle();
    CHECK(third.connected());
    CHECK(around.counted().balanced());
    CHECK(around.counted().handshakes_displaced == 0);
}

TEST_CASE("max_sessions_per_source: zero means a tenth of max_sessions")
{
    limits few;
    few.max_sessions = 30;
    world around{few};
    for (std::uint16_t port = 1; port <= 3; ++port) CHECK(around.connect(1, port).connected());
    CHECK(around.begin(around.add_client(1, 4)).reason == drop_reason::source_session_limit);
}

TEST_CASE("max_sessions_per_source counts sessions and handshakes together")
{
    world around{with_share(2)};
    CHECK(is_admitted(around, around.add_client(1, 1)));
    CHECK(around.connect(1, 2).connected());
    CHECK(around.begin(around.add_client(1, 3)).reason == drop_reason::source_session_limit);
}

TEST_CASE("max_sessions_per_source: at the quota the source's oldest handshake is displaced after the grace")
{
    world around{with_share(3)};
    CHECK(is_admitted(around, around.add_client(2, 1)));  // older, from another source
    CHECK(around.connect(1, 1).connected());
    auto& oldest = around.add_client(1, 2);
    CHECK(is_admitted(around, oldest));
    around.pass(1s);
    CHECK(is_admitted(around, around.add_client(1, 3)));
    auto& new_client = around.add_client(1, 4);
    around.pass(999ms);
    CHECK(around.begin(new_client).reason == drop_reason::source_session_limit);
    around.pass(1ms);
    CHECK(around.route(new_client.path(), new_client.sent.back()).disposition == disposition::delivered);
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == close_reason::displaced);
    CHECK(around.counted().sessions == 1);
    CHECK(around.counted().half_open == 3);
    around.settle();
    CHECK(new_client.connected());
    CHECK_FALSE(around.session_of(oldest));
}

TEST_CASE("max_sessions_per_source: a session is never displaced, however old it is")
{
    world around{with_share(2)};
    CHECK(around.connect(1, 1).connected());
    CHECK(around.connect(1, 2).connected());
    around.pass(200s);
    CHECK(around.begin(around.add_client(1, 3)).reason == drop_reason::source_session_limit);
    CHECK(around.counted().sessions == 2);
}

TEST_CASE("max_half_open_per_source: at the quota the source's oldest handshake is displaced after the grace")
{
    world around{with_share(100, 2)};
    CHECK(is_admitted(around, around.add_client(1, 1)));
    CHECK(is_admitted(around, around.add_client(1, 2)));
    auto& new_client = around.add_client(1, 3);
    CHECK(around.begin(new_client).reason == drop_reason::source_half_open_limit);
    around.pass(2s);
    CHECK(around.route(new_client.path(), new_client.sent.back()).disposition == disposition::delivered);
    CHECK(around.counted().half_open == 2);
    CHECK(around.counted().handshakes_displaced == 1);
}

TEST_CASE("source_prefix_ipv6: all addresses of a /64 network are one source")
{
    world around{with_share(2, 3)};
    auto& first = add_ipv6(around, 1, 1, 1);
    around.connect(first);
    CHECK(first.connected());
    CHECK(is_admitted(around, add_ipv6(around, 1, 1, 2)));
    CHECK(around.begin(add_ipv6(around, 1, 1, 3)).reason == drop_reason::source_session_limit);
    CHECK(is_admitted(around, add_ipv6(around, 1, 2, 1)));
}

TEST_CASE("max_half_open_per_source counts a /64 network as one source")
{
    world around{with_share(100, 2)};
    CHECK(is_admitted(around, add_ipv6(around, 1, 1, 1)));
    CHECK(is_admitted(around, add_ipv6(around, 1, 1, 2)));
    CHECK(around.begin(add_ipv6(around, 1, 1, 3)).reason == drop_reason::source_half_open_limit);
    CHECK(is_admitted(around, add_ipv6(around, 1, 2, 1)));
}

TEST_CASE("The network around a source has four times the session quota of a source")
{
    world around{with_share(2)};
    for (unsigned net = 0; net < 4; ++net)
        for (unsigned host = 0; host < 2; ++host) {
            auto& client = add_ipv6(around, 1, net, host);
            around.connect(client);
            CHECK(client.connected());
        }
    CHECK(around.begin(add_ipv6(around, 1, 9, 1)).reason == drop_reason::source_session_limit);
    CHECK(is_admitted(around, add_ipv6(around, 2, 1, 1)));
    // IPv4: 10.0.0.0/24, and the next one.
    for (unsigned host = 0; host < 8; ++host) CHECK(around.connect(host / 2, 1 + host % 2).connected());
    CHECK(around.begin(around.add_client(255, 1)).reason == drop_reason::source_session_limit);
    CHECK(around.connect(256, 1).connected());
}

TEST_CASE("The network around a source has four times its handshake quota and displaces its oldest handshake")
{
    world around{with_share(100, 1)};
    for (unsigned host = 1; host <= 4; ++host) {
        CHECK(is_admitted(around, around.add_client(host)));
        around.pass(100ms);
    }
    auto& fifth = around.add_client(5);
    CHECK(around.begin(fifth).reason == drop_reason::source_half_open_limit);
    around.pass(2s);
    CHECK(around.route(fifth.path(), fifth.sent.back()).disposition == disposition::delivered);
    CHECK(around.counted().half_open == 4);
    around.settle();
    CHECK_FALSE(around.clients.front()->connected());  // the oldest
    CHECK(fifth.connected());
}

TEST_CASE("A new handshake at the address of a session uses quota until its Finished replaces the session")
{
    world around{with_share(2)};
    auto& first = around.connect(1, 1);
    auto& again = around.connect(1, 1);
    CHECK(again.connected());
    CHECK(around.counted().sessions_replaced == 1);
    CHECK(around.connect(1, 2).connected());
    CHECK(around.begin(around.add_client(1, 3)).reason == drop_reason::source_session_limit);
    CHECK(first.path() == again.path());
}

TEST_CASE("A moved session counts for the source of its handshake and for no other source")
{
    world around{with_share(2)};
    mobile moving{around};
    moving.client->move_to(1000, 7);
    CHECK(moving.echoes());
    // The new source has both places free, the former one has one.
    CHECK(around.connect(7, 2).connected());
    CHECK(around.connect(7, 3).connected());
    CHECK(around.connect(1, 2).connected());
    CHECK(around.begin(around.add_client(1, 3)).reason == drop_reason::source_session_limit);
    moving.client->close();
    around.settle();
    CHECK(around.connect(1, 4).connected());
    CHECK(around.begin(around.add_client(7, 4)).reason == drop_reason::source_session_limit);
}

TEST_CASE("A session from another process counts for its source and is never refused by the quota")
{
    world around{with_share(1)};
    departure first{true}, second{true};
    REQUIRE(around.server->import_session(first.save(), ciphers(), around.now) == import_outcome::imported);
    REQUIRE(around.server->import_session(second.save(), ciphers(), around.now) == import_outcome::imported);
    CHECK(around.begin(around.add_client(1, 77)).reason == drop_reason::source_session_limit);
    for (const auto& peer : std::vector{around.listener.sessions})
        around.server->close_now(*peer, close_reason::closed_here, around.now, around);
    around.outgoing.clear();
    CHECK(around.connect(1, 78).connected());
}

TEST_CASE("A reload that changes the source prefixes applies to existing sessions")
{
    auto chosen = with_share(2);
    world around{chosen};
    CHECK(around.connect(1, 1).connected());
    CHECK(around.connect(2, 1).connected());
    CHECK(around.connect(3, 1).connected());
    chosen.source_prefix_ipv4 = 16;
    use(around, chosen);
    CHECK(around.begin(around.add_client(4, 1)).reason == drop_reason::source_session_limit);
    CHECK(around.connect(65'536, 1).connected());
    chosen.source_prefix_ipv4 = 32;
    use(around, chosen);
    CHECK(around.connect(1, 2).connected());
    for (const auto& client : around.clients) client->close();
    around.settle();
    CHECK(around.counted().associations == 0);
    for (std::uint16_t port = 1; port <= 2; ++port) CHECK(around.connect(9, port).connected());
}

TEST_CASE("A source regains its whole quota after its handshakes have ended in any way")
{
    world around{with_share(3, 3)};
    for (int round = 0; round < 5; ++round) {
        CHECK(around.connect(1, 1).connected());
        CHECK(is_admitted(around, around.add_client(1, 2)));
        CHECK(is_admitted(around, around.add_client(1, 3)));
        CHECK(around.begin(around.add_client(1, 4)).reason == drop_reason::source_session_limit);
        around.pass(61s);
        CHECK(around.counted().half_open == 0);
        around.clients.front()->close();
        around.settle();
        around.pass(5s);
        CHECK(around.counted().associations == 0);
        around.clients.clear();
        around.outgoing.clear();
    }
}
