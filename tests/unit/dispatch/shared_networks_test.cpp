// Effect of `server_config::shared_networks` on the quotas of sources.
#include "support/catch.hpp"
#include "unit/dispatch/source_worlds.hpp"

using namespace quivive;
using namespace quivive::test;

TEST_CASE("shared_networks: a source in a shared network has no quota but counts against the server's limits")
{
    auto few = with_share(1, 1);
    few.max_sessions = 4;
    world around{few};
    share(around, "10.0.0.0/30");
    for (std::uint16_t port = 1; port <= 3; ++port) CHECK(is_admitted(around, around.add_client(1, port)));
    CHECK(is_admitted(around, around.add_client(4, 1)));
    CHECK(around.begin(around.add_client(1, 9)).reason == drop_reason::session_limit);
}

TEST_CASE("shared_networks: a network shared by a reload keeps its sessions counted and has no quota")
{
    world around{with_share(1)};
    CHECK(around.connect(1, 1).connected());
    CHECK(around.begin(around.add_client(1, 2)).reason == drop_reason::source_session_limit);
    share(around, "10.0.0.1/32");
    CHECK(around.connect(1, 3).connected());
    share(around, "10.9.9.9/32");
    CHECK(around.begin(around.add_client(1, 4)).reason == drop_reason::source_session_limit);
}

TEST_CASE("shared_networks: a load balancer neither counts against its neighbours nor is displaced by them")
{
    world around{with_share(2, 1)};
    share(around, "10.0.0.1/32");
    for (std::uint16_t port = 1; port <= 9; ++port) CHECK(is_admitted(around, around.add_client(1, port)));
    for (unsigned host = 2; host <= 5; ++host) CHECK(is_admitted(around, around.add_client(host, 1)));
    CHECK(around.begin(around.add_client(6, 1)).reason == drop_reason::source_half_open_limit);
    around.outgoing.clear();
    around.pass(around.limits.half_open_grace);
    CHECK(is_admitted(around, around.add_client(6, 1)));
    CHECK(around.counted().handshakes_displaced == 1);
    for (std::uint16_t port = 1; port <= 9; ++port)
        CHECK(around.server->has_connection(world::path_of(1, port)));
    CHECK_FALSE(around.server->has_connection(world::path_of(2, 1)));
}

TEST_CASE("shared_networks: sharing an address by a reload frees quota for its neighbours until it is undone")
{
    world around{with_share(1)};
    for (unsigned host = 1; host <= 4; ++host) CHECK(around.connect(host, 1).connected());
    CHECK(around.begin(around.add_client(5, 1)).reason == drop_reason::source_session_limit);
    around.outgoing.clear();
    share(around, "10.0.0.1/32");
    CHECK(around.connect(5, 1).connected());
    CHECK(around.begin(around.add_client(6, 1)).reason == drop_reason::source_session_limit);
    share(around, "10.9.9.9/32");
    const auto leave = [&](std::size_t client) {
        around.clients.at(client)->close();
        around.settle();
    };
    leave(0);  // four are left, which is the network's quota
    CHECK(around.begin(around.add_client(6, 2)).reason == drop_reason::source_session_limit);
    around.outgoing.clear();
    leave(1);
    CHECK(around.connect(6, 3).connected());
}
