#include "dispatch/replaced_hellos.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"
#include "support/world.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using dispatch::replaced_hellos;
using sessions::close_reason;

TEST_CASE("replaced hellos: the last ones are stored, and the oldest ones are discarded above the capacity")
{
    replaced_hellos spent{{1, 2}};
    const auto mark = counting(14);
    const auto path_of = [](std::size_t i) { return world::path_of(static_cast<unsigned>(i), 1'000); };
    CHECK_FALSE(spent.has(path_of(0), mark));
    for (std::size_t i = 0; i < 2 * replaced_hellos::most; ++i)
        for (int twice = 0; twice < 2; ++twice) spent.add(path_of(i), mark);
    for (std::size_t i = 0; i < 2 * replaced_hellos::most; ++i) REQUIRE(spent.has(path_of(i), mark));
    CHECK_FALSE(spent.has(path_of(0), counting(14, 1)));
    CHECK_FALSE(spent.has(world::path_of(0, 1'001), mark));
    spent.add(path_of(2 * replaced_hellos::most), mark);
    CHECK_FALSE(spent.has(path_of(0), mark));
    CHECK(spent.has(path_of(replaced_hellos::most), mark));
}

#if !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("replaced hellos: a cookie is good for one signature, and its client may send another hello")
{
    world around;
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    const auto hello = client.sent.back();
    around.outgoing.clear();
    // Anyone may send this message out of order, which ends the handshake.
    (void)around.route(client.path(),
                       handshake_record({wire::handshake_type::finished, 4, 2, 0, counting(4)}));
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == close_reason::handshake_failed);
    around.outgoing.clear();
    for (int i = 0; i < 5; ++i) {
        const auto decided = around.route(client.path(), hello);
        CHECK(decided.disposition == disposition::dropped);
        CHECK(decided.reason == drop_reason::stale_client_hello);
    }
    CHECK(around.signatures == 1);
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.counted().half_open == 0);
    around.connect(client);
    CHECK(client.connected());
    CHECK(around.counted().balanced());
}

TEST_CASE("replaced hellos: a hello is also stale after a plaintext alert has shortened its handshake")
{
    world around;
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    const auto hello = client.sent.back();
    (void)around.route(client.path(), make_record(wire::content_type::alert, make_octets({2, 40})));
    around.pass(around.limits.alerted_handshake_grace + 100ms);
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == close_reason::handshake_timeout);
    CHECK(around.route(client.path(), hello).reason == drop_reason::stale_client_hello);
    CHECK(around.signatures == 1);
    around.outgoing.clear();
    around.connect(client);
    CHECK(client.connected());
}

TEST_CASE("replaced hellos: a slow client may continue with its hello after the handshake time-out")
{
    limits impatient;
    impatient.handshake_timeout = 2s;
    world around{impatient};
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    around.pass(2'100ms);
    REQUIRE(around.listener.ends.size() == 1);
    around.outgoing.clear();
    CHECK(around.route(client.path(), client.sent.back()).disposition == disposition::delivered);
    around.settle();
    CHECK(client.connected());
}

#endif
