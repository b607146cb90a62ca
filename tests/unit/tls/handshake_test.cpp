#include "tls/handshake.hpp"

#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "support/tls_peer.hpp"

#include <algorithm>
#include <utility>

using namespace quivive;
using namespace std::chrono_literals;
using test::octets;
using test::records_of;
using test::tls_pair;
using tls::handshake_status;

TEST_CASE("handshake: both sides finish and report the same parameters")
{
    tls_pair pair;
    pair.settle();
    REQUIRE(pair.both_done());
    const auto server = pair.server->facts();
    const auto client = pair.client->facts();
    CHECK(server.protocol == "DTLS1.2");
    CHECK(server.cipher_suite == client.cipher_suite);
    CHECK(server.cipher_suite.find("X25519") != std::string::npos);
    CHECK(server.cipher_suite.find("AES-128-GCM") != std::string::npos);
    CHECK(client.peer_pin == test::any_server_context()->pin());
    CHECK_FALSE(server.resumed);
    CHECK_FALSE(pair.server->take_last_flight().empty());
    CHECK(pair.client->take_last_flight().empty());
}

TEST_CASE(
    "handshake: the server's first record mirrors all 48 bits of the hello's sequence number (RFC 6347 "
    "4.2.1)")
{
    tls_pair pair{{}, {0x123456789abc, 0}};
    pair.deliver_to_server();
    const auto records = records_of(pair.to_client.datagrams.front());
    REQUIRE(records.size() >= 4);
    for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i].sequence == 0x123456789abc + i);
    pair.settle();
    CHECK(pair.both_done());
}

TEST_CASE("handshake: a repeated ClientHello is answered with the same flight without another signature")
{
    tls_pair pair;
    const auto hello = pair.to_server.datagrams.front();
    pair.deliver_to_server();
    const auto first = pair.to_client.datagrams;
    pair.to_client.datagrams.clear();

    SECTION("no answer within the repeat interval")
    {
        const auto result = pair.server->feed(records_of(hello).front(), pair.now + 39ms, pair.to_client);
        CHECK(result.reason == drop_reason::repeated_flight);
        CHECK(pair.to_client.datagrams.empty());
    }
    SECTION("a new transmission with new sequence numbers after the repeat interval (RFC 6347 4.2.2)")
    {
        (void)pair.server->feed(records_of(hello).front(), pair.now + 40ms, pair.to_client);
        REQUIRE(pair.to_client.datagrams.size() == first.size());
        const auto before = records_of(first.front());
        const auto after = records_of(pair.to_client.datagrams.front());
        REQUIRE(before.size() == after.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            CHECK(std::ranges::equal(before[i].payload, after[i].payload));
            CHECK(after[i].sequence > before.back().sequence);
        }
        pair.settle();
        CHECK(pair.both_done());
    }
}

TEST_CASE("handshake: the retransmission timer starts at 0.9 s and doubles up to a minute (RFC 6347 4.2.4.1)")
{
    tls_pair pair;
    pair.deliver_to_server();
    auto wait = 900ms;
    auto now = pair.now;
    for (int i = 0; i < 10; ++i) {
        pair.to_client.datagrams.clear();
        REQUIRE(pair.server->next_wake() == now + wait);
        pair.server->on_timer(now + wait - 1ms, pair.to_client);
        CHECK(pair.to_client.datagrams.empty());
        now += wait;
        pair.server->on_timer(now, pair.to_client);
        CHECK_FALSE(pair.to_client.datagrams.empty());
        wait = std::min(2 * wait, 60'000ms);
    }
    CHECK(wait == 60'000ms);
}

TEST_CASE("handshake: any one datagram may be lost")
{
    const auto lost = GENERATE(range(0, 4));
    CAPTURE(lost);
    tls_pair pair;
    int count = 0;
    const auto lose = [&](auto& outbox) {
        if (!outbox.datagrams.empty() && count++ == lost) outbox.datagrams.pop_front();
    };
    // The handshake takes four datagrams: one in each direction, twice.
    for (int i = 0; i < 2; ++i) {
        lose(pair.to_server);
        while (!pair.to_server.datagrams.empty()) pair.deliver_to_server();
        lose(pair.to_client);
        while (!pair.to_client.datagrams.empty()) pair.deliver_to_client();
    }
    // The association retransmits the very last flight, since the handshake is done.
    if (lost == 3) {
        CHECK(pair.server->status() == handshake_status::done);
        auto last = pair.server->take_last_flight();
        pair.client->on_timer(pair.now + 900ms, pair.to_server);
        CHECK_FALSE(pair.to_server.datagrams.empty());
        last.send(pair.path, pair.to_client);
        pair.deliver_to_client();
        CHECK(pair.client->status() == handshake_status::done);
    } else {
        pair.finish();
        CHECK(pair.both_done());
    }
}

TEST_CASE("handshake: the records of the client's last flight may arrive in any order")
{
    std::vector<std::size_t> order{0, 1, 2};
    do {
        CAPTURE(order);
        tls_pair pair;
        pair.deliver_to_server();
        pair.deliver_to_client();
        const auto flight = pair.to_server.datagrams.front();
        pair.to_server.datagrams.clear();
        const auto records = records_of(flight);
        REQUIRE(records.size() == 3);  // ClientKeyExchange, ChangeCipherSpec, Finished
        for (const auto i : order) (void)pair.server->feed(records[i], pair.now, pair.to_client);
        pair.finish(10s);
        CHECK(pair.both_done());
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("handshake: data that arrives before the Finished is kept for after it")
{
    tls_pair pair;
    pair.deliver_to_server();
    pair.deliver_to_client();
    const auto flight = pair.to_server.datagrams.front();
    pair.to_server.datagrams.clear();
    octets early(60);
    early[0] = std::byte{23};
    early[1] = std::byte{0xfe};
    early[2] = std::byte{0xfd};
    early[4] = std::byte{1};
    early[12] = std::byte{47};
    CHECK(pair.server->feed(records_of(early).front(), pair.now, pair.to_client).consumed);
    for (const auto& record : records_of(flight)) (void)pair.server->feed(record, pair.now, pair.to_client);
    REQUIRE(pair.server->status() == handshake_status::done);
    const auto kept = pair.server->take_early_records();
    REQUIRE(kept.size() == 1);
    CHECK(kept.front() == early);
}

TEST_CASE("handshake: it succeeds with small datagrams in both directions")
{
    tls::handshake_settings settings;
    settings.handshake_mtu = 256;
    tls_pair pair{settings};
    pair.finish();
    CHECK(pair.both_done());
}

TEST_CASE("handshake: a client answers a server's retransmissions up to repeat_burst times")
{
    tls::handshake_settings settings;
    settings.repeat_burst = 3;
    settings.retransmit_first = 50s;
    tls_pair pair{settings};
    pair.deliver_to_server();
    const auto flight = pair.to_client.datagrams;
    while (!pair.to_client.datagrams.empty()) pair.deliver_to_client();
    const auto answer = std::exchange(pair.to_server.datagrams, {}).size();
    REQUIRE(answer > 0);
    for (int i = 0; i < 50; ++i) {  // two seconds
        pair.now += 40ms;
        for (const auto& datagram : flight)
            for (const auto& record : records_of(datagram))
                CHECK_FALSE(pair.client->feed(record, pair.now, pair.to_server).consumed);
    }
    CHECK(pair.to_server.datagrams.size() == (3 + 1) * answer);
    CHECK(pair.client->take_retransmissions() == 3 + 1);
    CHECK(pair.client->take_retransmissions() == 0);
    pair.settle();
    CHECK(pair.both_done());
}

TEST_CASE("handshake: without capacity for early records the peer's retransmission completes the handshake")
{
    tls::handshake_settings settings;
    settings.early_records = 0;
    tls_pair pair{settings};
    pair.deliver_to_server();
    pair.deliver_to_client();
    const auto flight = std::exchange(pair.to_server.datagrams, {}).front();
    const auto records = records_of(flight);
    CHECK(pair.server->feed(records[2], pair.now, pair.to_client).reason == drop_reason::early_data_overflow);
    CHECK(pair.server->feed(records[1], pair.now, pair.to_client).consumed);
    CHECK(pair.server->feed(records[0], pair.now, pair.to_client).consumed);
    CHECK(pair.server->status() == handshake_status::in_progress);
    pair.finish(2s);
    CHECK(pair.both_done());
    CHECK(pair.server->take_early_records().empty());
}

TEST_CASE("handshake: too many early records displace the oldest one")
{
    tls_pair pair;
    pair.deliver_to_server();
    for (std::uint64_t i = 0; i < 6; ++i) {
        auto early = test::plaintext_record(wire::content_type::application_data, octets(40), i);
        early[4] = std::byte{1};
        for (int twice = 0; twice < 2; ++twice)  // only one of them is kept
            CHECK(pair.server->feed(records_of(early).front(), pair.now, pair.to_client).consumed);
    }
    pair.settle();
    REQUIRE(pair.both_done());
    const auto kept = pair.server->take_early_records();
    REQUIRE(kept.size() == 4);
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(records_of(kept[i]).front().sequence == 2 + i);
}

TEST_CASE("handshake: a record with an epoch or type that a handshake lacks is dropped by reason")
{
    tls_pair pair;
    pair.deliver_to_server();
    const auto reason_of = [&](wire::content_type type, std::uint8_t epoch) {
        auto record = test::plaintext_record(type, octets(40));
        record[4] = std::byte{epoch};
        const auto result = pair.server->feed(records_of(record).front(), pair.now, pair.to_client);
        CHECK_FALSE(result.consumed);
        return result.reason;
    };
    using wire::content_type;
    CHECK(reason_of(content_type::application_data, 2) == drop_reason::bad_epoch);
    CHECK(reason_of(content_type::handshake, 255) == drop_reason::bad_epoch);
    CHECK(reason_of(content_type::change_cipher_spec, 1) == drop_reason::unexpected_record);
    CHECK(reason_of(content_type::heartbeat, 1) == drop_reason::unexpected_record);
    CHECK(reason_of(content_type::tls12_cid, 1) == drop_reason::unexpected_record);
    CHECK(reason_of(content_type::tls12_cid, 0) == drop_reason::unexpected_record);
    pair.settle();
    CHECK(pair.both_done());
}

TEST_CASE("handshake: a client returns the cookie, and does so again when challenged again (RFC 6347 4.2.1)")
{
    tls_pair pair{{}, {0x777, 1}};
    const octets body{std::byte{0xfe}, std::byte{0xff}, std::byte{2}, std::byte{0xaa}, std::byte{0xbb}};
    const auto request =
        test::handshake_record({wire::handshake_type::hello_verify_request, 5, 0, 0, body}, 0);
    const auto ask = [&] {
        pair.to_server.datagrams.clear();
        return pair.client->feed(records_of(request).front(), pair.now, pair.to_server);
    };
    CHECK(ask().consumed);
    REQUIRE(pair.to_server.datagrams.size() == 1);
    const auto first = pair.to_server.datagrams.front();
    pair.now += 39ms;
    CHECK(ask().reason == drop_reason::repeated_flight);
    CHECK(pair.to_server.datagrams.empty());
    pair.now += 1ms;
    CHECK(ask().reason == drop_reason::repeated_flight);
    REQUIRE(pair.to_server.datagrams.size() == 1);
    const auto again = records_of(pair.to_server.datagrams.front()).front();
    CHECK(std::ranges::equal(records_of(first).front().payload, again.payload));
    CHECK(again.sequence == 2);
    pair.settle();
    CHECK(pair.both_done());
}
