#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"
#include "support/tls_peer.hpp"

// The memory of one handshake in progress, apart from GnuTLS's session.

using namespace quivive;
using test::octets;
using test::records_of;
using test::tls_pair;

TEST_CASE("handshake: held_bytes() reports the memory in use, which stays below its limit")
{
    tls_pair pair;
    const auto hold = [&](std::uint64_t sequence, std::size_t size = 500) {
        const auto record =
            test::make_record(wire::content_type::application_data, octets(size), 1, sequence);
        return pair.server->feed(records_of(record).front(), pair.now, pair.to_client).consumed;
    };
    CHECK(pair.server->held_bytes() == 0);
    CHECK(hold(1));
    const auto one = pair.server->held_bytes();
    CHECK(one > 500);
    CHECK(one < 600);
    pair.server->limit_held_bytes(one - 1);
    CHECK_FALSE(hold(2, 501));
    CHECK(pair.server->held_bytes() == one);
    pair.server->limit_held_bytes(2 * one - 1);
    CHECK(hold(2));  // replaces the first one
    CHECK(pair.server->held_bytes() == one);
    pair.server->limit_held_bytes(2 * one);
    CHECK(hold(3));
    CHECK(pair.server->held_bytes() == 2 * one);
    // Messages accepted by GnuTLS and the flight count too.
    const auto hello = pair.to_server.datagrams.front().size();
    pair.deliver_to_server();
    CHECK(pair.server->held_bytes() > 2 * one + hello);
}

TEST_CASE("handshake: all waiting messages and records share one memory limit")
{
    tls::handshake_settings settings;
    settings.early_records = 64;
    tls_pair pair{settings};
    pair.deliver_to_server();
    const auto most = tls::max_held(settings.max_message_bytes);
    const auto feed = [&](const octets& record) {
        (void)pair.server->feed(records_of(record).front(), pair.now, pair.to_client);
        REQUIRE(pair.server->held_bytes() <= most);
    };
    for (std::uint64_t i = 0; i < 20; ++i)
        feed(test::make_record(wire::content_type::application_data, octets(1'000), 1, i));
    CHECK(pair.server->held_bytes() > tls::early_bytes - 1'000);
    CHECK(pair.server->held_bytes() < tls::early_bytes + 3'000);  // the hello and the flight
    for (std::uint32_t at = 0; at + 1'000 < 32'768; at += 1'001)  // with gaps, and one message ahead
        for (const auto seq : {std::uint16_t{2}, std::uint16_t{1}})
            feed(test::handshake_record(
                {wire::handshake_type::certificate, 32'768, seq, at, wire::bytes{octets(1'000)}}));
    CHECK(pair.server->held_bytes() > most - 7'000);
}
