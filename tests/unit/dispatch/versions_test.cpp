// Clients with which the server has no version of DTLS in common (RFC 5246 E.1, RFC 9147 5.3).
#include "adaptive_world.hpp"
#include "support/browser_hello.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::verdict;

namespace {

/// A hello that says these versions in supported_versions, if any; a DTLS 1.3 client's client_version is that
/// of 1.2.
hello_builder hello_offering(std::initializer_list<std::uint16_t> versions,
                             std::uint16_t client_version = wire::dtls_1_2)
{
    octets list{static_cast<std::byte>(2 * versions.size())};
    for (const auto version : versions)
        for (const int shift : {8, 0}) list.push_back(static_cast<std::byte>(version >> shift & 0xff));
    hello_builder hello;
    hello.version = client_version;
    hello.record_sequence = 0x010203040506;
    hello.suites = make_octets({0x13, 0x01, 0xc0, 0x2b});
    if (versions.size() > 0) hello.extensions = make_extension(43, list);
    return hello;
}

void check_alert(const octets& sent, std::uint16_t version)
{
    const auto record = wire::first_record(sent);
    REQUIRE(record);
    CHECK(record->is(wire::content_type::alert));
    CHECK(record->version == version);
    CHECK(record->epoch == 0);
    CHECK(record->sequence == 0x010203040506);
    CHECK(octets{record->payload.begin(), record->payload.end()} == make_octets({2, 70}));
}

}  // namespace

TEST_CASE("RFC 9147 5.3: a client of DTLS 1.3 alone hears protocol_version at once, whatever the exchange")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        const auto hello = hello_offering({wire::dtls_1_3}).record();
        CHECK(around.route(world::path_of(1, 1), hello).verdict == verdict::answered);
        REQUIRE(around.outgoing.size() == 1);
        check_alert(around.outgoing.front().second, wire::dtls_1_0);
        CHECK(around.outgoing.front().second.size() < hello.size());
        CHECK(around.server->size() == 0);
        CHECK(around.listener.asked == 0);
        const auto counted = around.counted();
        CHECK(counted.version_alerts == 1);
        CHECK(counted.answered == 1);
        CHECK(counted.hellos_per_second == 0);
        CHECK(counted.balanced());
    }
}

TEST_CASE(
    "RFC 9147 5.3: its first fragment is enough, when supported_versions is in it, and GREASE is no version")
{
    world around;
    auto hello = hello_offering({0x8a8a, wire::dtls_1_3});
    const auto shown = hello.body().size();
    hello.extensions = *hello.extensions + make_extension(51, octets(1'216));
    CHECK(around.route(world::path_of(1, 1), hello.fragment(0, shown + 500)).verdict == verdict::answered);
    CHECK(around.counted().version_alerts == 1);
}

#if !defined(QUIVIVE_COOKIES_ALWAYS)

TEST_CASE("RFC 9147 5.3: one that says so in a later fragment of its hello hears it when that has come")
{
    auto second = from_hex(hello_of_chromium_156.at(1));
    const auto versions = make_octets({43, 0, 5, 4, 0xfe, 0xfc, 0xfe, 0xfd});
    const auto found = std::ranges::search(second, versions);
    REQUIRE(!found.empty());
    *(found.end() - 1) = std::byte{0xfc};
    world around{{}, each_exchange().back()};
    (void)around.route(world::path_of(1, 1), from_hex(hello_of_chromium_156.at(0)));
    CHECK(around.outgoing.empty());
    (void)around.route(world::path_of(1, 1), second);
    REQUIRE(around.outgoing.size() == 1);
    const auto record = wire::first_record(around.outgoing.front().second);
    REQUIRE(record);
    CHECK(record->is(wire::content_type::alert));
    CHECK(octets{record->payload.begin(), record->payload.end()} == make_octets({2, 70}));
    CHECK(around.server->size() == 0);
    CHECK(around.counted().handshakes_failed == 1);
    CHECK(around.signatures == 0);
}

#endif

TEST_CASE("RFC 9147 5.3: who offers a version of ours beside DTLS 1.3 is met as ever")
{
    for (const auto& hello :
         {hello_offering({wire::dtls_1_3, wire::dtls_1_2}), hello_offering({wire::dtls_1_2}),
          hello_offering({}), hello_offering({0x0304})}) {
        world around;
        (void)around.route(world::path_of(1, 1), hello.record());
        CHECK(around.counted().version_alerts == 0);
        CHECK(around.counted().dropped[drop_reason::unsupported_version] == 0);
    }
}

TEST_CASE("RFC 5246 E.1: a client of DTLS 1.0 alone hears the same, unless the server speaks that")
{
    const bool spoken = GENERATE(false, true);
    world around{
        {}, each_exchange().front(), server_context_with({.dtls_1_0 = spoken, .priority = {}, .alpn = {}})};
    (void)around.route(world::path_of(1, 1), hello_offering({}, wire::dtls_1_0).record());
    CHECK(around.counted().version_alerts == (spoken ? 0 : 1));
    if (!spoken) check_alert(around.outgoing.at(0).second, wire::dtls_1_0);
    // Beside DTLS 1.3 alone, which has the client_version of 1.2, 1.0 counts too.
    (void)around.route(world::path_of(2, 1), hello_offering({wire::dtls_1_3, wire::dtls_1_0}).record());
    CHECK(around.counted().version_alerts == (spoken ? 0 : 2));
}

TEST_CASE("version_alerts_per_second: beyond the rate they are dropped under a name of their own")
{
    limits few;
    few.version_alerts_per_second = 10;
    world around{few};
    const auto hello = hello_offering({wire::dtls_1_3}).record();
    for (int second = 0; second < 3; ++second) {
        for (unsigned i = 0; i < 100; ++i) (void)around.route(world::path_of(i, 1), hello);
        around.now += 1s;
    }
    CHECK(around.counted().version_alerts == 30);
    CHECK(around.counted().dropped[drop_reason::unsupported_version] == 270);
    CHECK(around.counted().balanced());
}

TEST_CASE("version_alerts_per_second: zero tells nobody")
{
    limits none;
    none.version_alerts_per_second = 0;
    world around{none};
    CHECK(around.route(world::path_of(1, 1), hello_offering({wire::dtls_1_3}).record()).reason ==
          drop_reason::unsupported_version);
    CHECK(around.outgoing.empty());
}

TEST_CASE("A network of the rule `drop` hears no alert either")
{
    world around{{}, {.exchange = cookie_exchange::drop}};
    CHECK(around.route(world::path_of(1, 1), hello_offering({wire::dtls_1_3}).record()).reason ==
          drop_reason::refused_by_policy);
    CHECK(around.outgoing.empty());
}

TEST_CASE("A forged hello of DTLS 1.3 ends neither the handshake nor the session of its address")
{
    world around;
    auto& client = around.add_client();
    REQUIRE(around.begin(client).verdict == verdict::delivered);
    const auto sent = around.outgoing.size();
    const auto forged = hello_offering({wire::dtls_1_3}).record();
    CHECK(around.route(client.path(), forged).reason == drop_reason::unsupported_version);
    CHECK(around.outgoing.size() == sent);  // an alert in the clear might end the client's
    around.settle();
    REQUIRE(client.connected());
    CHECK(around.route(client.path(), forged).verdict == verdict::answered);
    around.settle();
    CHECK(around.echoes(client));
}
