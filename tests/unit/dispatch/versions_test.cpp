// Clients that share no version of DTLS with the server (RFC 5246 E.1, RFC 9147 5.3).
#include "adaptive_world.hpp"
#include "support/browser_hello.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;

namespace {

/// Returns a hello with these versions in supported_versions, if any. The client_version of a DTLS 1.3 client
/// is that of 1.2.
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

TEST_CASE(
    "RFC 9147 5.3: a client of DTLS 1.3 alone is answered with protocol_version at once under each policy")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        const auto hello = hello_offering({wire::dtls_1_3}).record();
        CHECK(around.route(world::path_of(1, 1), hello).disposition == disposition::answered);
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

TEST_CASE("RFC 9147 5.3: a first fragment with supported_versions is enough, and GREASE is not a version")
{
    world around;
    auto hello = hello_offering({0x8a8a, wire::dtls_1_3});
    const auto shown = hello.body().size();
    hello.extensions = *hello.extensions + make_extension(51, octets(1'216));
    CHECK(around.route(world::path_of(1, 1), hello.fragment(0, shown + 500)).disposition ==
          disposition::answered);
    CHECK(around.counted().version_alerts == 1);
}

#if !defined(QUIVIVE_COOKIES_ALWAYS)

TEST_CASE("RFC 9147 5.3: supported_versions in a later fragment is answered when that fragment arrives")
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

TEST_CASE("RFC 9147 5.3: a client that offers a supported version beside DTLS 1.3 gets no alert")
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

TEST_CASE("RFC 5246 E.1: a client of DTLS 1.0 alone gets the same alert, unless the server supports 1.0")
{
    const bool spoken = GENERATE(false, true);
    world around{
        {}, each_exchange().front(), server_context_with({.dtls_1_0 = spoken, .priority = {}, .alpn = {}})};
    (void)around.route(world::path_of(1, 1), hello_offering({}, wire::dtls_1_0).record());
    CHECK(around.counted().version_alerts == (spoken ? 0 : 1));
    if (!spoken) check_alert(around.outgoing.at(0).second, wire::dtls_1_0);
    // DTLS 1.0 also counts in supported_versions beside DTLS 1.3, with the client_version of 1.2.
    (void)around.route(world::path_of(2, 1), hello_offering({wire::dtls_1_3, wire::dtls_1_0}).record());
    CHECK(around.counted().version_alerts == (spoken ? 0 : 2));
}

TEST_CASE("version_alerts_per_second: alerts above the rate are dropped as unsupported_version")
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

TEST_CASE("version_alerts_per_second zero: no client gets an alert")
{
    limits none;
    none.version_alerts_per_second = 0;
    world around{none};
    CHECK(around.route(world::path_of(1, 1), hello_offering({wire::dtls_1_3}).record()).reason ==
          drop_reason::unsupported_version);
    CHECK(around.outgoing.empty());
}

TEST_CASE("A network with the rule `drop` gets no alert")
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
    REQUIRE(around.begin(client).disposition == disposition::delivered);
    const auto sent = around.outgoing.size();
    const auto forged = hello_offering({wire::dtls_1_3}).record();
    CHECK(around.route(client.path(), forged).reason == drop_reason::unsupported_version);
    CHECK(around.outgoing.size() == sent);  // a plaintext alert might end the client's handshake
    around.settle();
    REQUIRE(client.connected());
    CHECK(around.route(client.path(), forged).disposition == disposition::answered);
    around.settle();
    CHECK(around.echoes(client));
}
