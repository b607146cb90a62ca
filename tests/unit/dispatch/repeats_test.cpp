// Flights that are retransmitted because the peer repeats its own (RFC 6347 4.2.4).
#include "adaptive_world.hpp"
#include "support/catch.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

TEST_CASE("repeat_interval: a lost flight is retransmitted when a browser repeats its hello after 50 ms")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy, psk_server(), psk_client()};
        auto& client = around.add_client();
        REQUIRE(around.begin(client).disposition == dispatch::disposition::delivered);
        const auto hello = client.sent.back();
        const auto flight = around.outgoing.size();
        REQUIRE(flight > 0);
        for (const auto wait : {50ms, 100ms, 200ms}) {
            around.outgoing.clear();  // lost
            around.pass(wait);
            CHECK(around.route(client.path(), hello).reason == drop_reason::repeated_flight);
            CHECK(around.outgoing.size() == flight);
        }
        CHECK(around.counted().flights_repeated == 3);
        around.settle();
        CHECK(client.connected());
        CHECK(around.counted().balanced());
    }
}

TEST_CASE("repeat_burst limits the flights in a row for a repeated hello, with one a second after that")
{
    limits few;
    few.repeat_burst = 4;
    few.retransmit_first = 50s;
    for (const auto& policy : each_exchange()) {
        world around{few, policy, psk_server(), psk_client()};
        auto& client = around.add_client();
        REQUIRE(around.begin(client).disposition == dispatch::disposition::delivered);
        const auto flight = around.outgoing.size();
        around.outgoing.clear();
        for (auto at = 0s; at < 5s; at += 1s)
            for (int i = 0; i < 25; ++i) {
                around.pass(40ms);
                CHECK(around.route(client.path(), client.sent.back()).reason == drop_reason::repeated_flight);
            }
        CHECK(around.outgoing.size() == (4 + 4) * flight);
        CHECK(around.counted().flights_repeated == 4 + 4);
        around.settle();
        CHECK(client.connected());
    }
}
