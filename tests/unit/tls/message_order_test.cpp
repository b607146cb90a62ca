#include "quivive/metrics.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/sim/schedule.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/awaited_flight.hpp"
#include "unit/tls/server_meeting.hpp"

#include <gnutls/dtls.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

// Reordered records of a flight: no handshake waits for a retransmission. Time stands still in these tests.

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using tls::handshake_status;
using wire::handshake_type;

TEST_CASE(
    "order: the fragments of a client's flight with a certificate may come in any order (RFC 6347 4.2.3)")
{
    const auto contexts = with_certificates_both_ways();
    tls::handshake_settings settings;
    settings.handshake_mtu = 300;
    std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
    do {
        awaited_flight flight{contexts, true, settings};
        REQUIRE(flight.records.size() == order.size());  // a Certificate in two fragments
        for (const auto i : order) CHECK(flight.feed(flight.records[i]).consumed);
        flight.pair.settle();
        if (flight.pair.both_done()) continue;
        CAPTURE(order);
        FAIL("waits for a repeat");
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("order: a chain near the size limit may come in fragments of many datagrams in any order")
{
    static const auto contexts = with_certificates_both_ways(31'500);
    const auto seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    awaited_flight flight{contexts};
    const auto size = message_in(flight.records, handshake_type::certificate).size();
    REQUIRE(size > 31'000);
    REQUIRE(size < 32'768);
    if (seed == 1) std::ranges::reverse(flight.records);
    if (seed == 2) {  // the even-numbered ones first
        std::vector<octets> even, odd;
        for (std::size_t i = 0; i < flight.records.size(); ++i)
            (i % 2 == 0 ? even : odd).push_back(std::move(flight.records[i]));
        std::ranges::move(odd, std::back_inserter(even));
        flight.records = std::move(even);
    }
    seeded_random random{seed};
    for (auto i = flight.records.size(); seed > 2 && i > 1; --i)
        std::swap(flight.records[i - 1], flight.records[random.below(i)]);
    for (const auto& record : flight.records) CHECK(flight.feed(record).consumed);
    flight.pair.settle();
    CHECK(flight.pair.both_done());
}

TEST_CASE("order: the fragments of a server's flight may reach a client in any order")
{
    static const auto contexts = with_certificates_both_ways();
    const auto seed = GENERATE(range(1U, 61U));
    CAPTURE(seed);
    tls::handshake_settings settings;
    settings.handshake_mtu = 160;
    awaited_flight flight{contexts, false, settings};
    REQUIRE(flight.records.size() >= 7);
    seeded_random random{seed};
    for (auto i = flight.records.size(); i > 1; --i)
        std::swap(flight.records[i - 1], flight.records[random.below(i)]);
    for (const auto& record : flight.records) CHECK(flight.feed(record).consumed);
    flight.pair.settle();
    CHECK(flight.pair.both_done());
}

TEST_CASE(
    "order: overlapping, repeated and conflicting fragments do not delay a certificate (RFC 6347 4.2.3)")
{
    static const auto contexts = with_certificates_both_ways();
    const auto seed = GENERATE(range(1U, 61U));
    CAPTURE(seed);
    seeded_random random{seed};
    awaited_flight flight{contexts};
    const auto body = message_in(flight.records, handshake_type::certificate);
    wire::handshake_view piece{
        handshake_type::certificate, static_cast<std::uint32_t>(body.size()), 1, 0, {}};
    const auto feed = [&](std::size_t from, std::size_t to) {
        piece.fragment_offset = static_cast<std::uint32_t>(from);
        piece.body = wire::bytes{body}.subspan(from, to - from);
        const auto honest = piece;
        CHECK(flight.feed(handshake_record(honest)).consumed);
        auto lie = honest;
        if (random.chance(0.5))
            lie.length += 1 + static_cast<std::uint32_t>(random.below(1'000));
        else
            lie.type = handshake_type::client_key_exchange;
        const auto fed = flight.feed(handshake_record(lie));
        CHECK_FALSE(fed.consumed);
        CHECK(fed.reason == drop_reason::inconsistent_fragment);
    };
    for (std::size_t to = body.size(); to > 1;) {  // the first byte is missing up to the end
        const auto from = to - std::min(to - 1, 1 + random.below(100));
        feed(from, std::min(body.size(), to + random.below(50)));
        to = from;
    }
    for (const auto& record : flight.records)
        if (!is_of_certificate(record)) CHECK(flight.feed(record).consumed);
    CHECK(flight.to->status() == handshake_status::in_progress);
    piece.fragment_offset = 0;
    piece.body = wire::bytes{body}.first(1);
    CHECK(flight.feed(handshake_record(piece)).consumed);
    flight.pair.settle();
    CHECK(flight.pair.both_done());
}

TEST_CASE("order: a forged fragment that arrives first costs a retransmission but not the handshake")
{
    static const auto contexts = with_certificates_both_ways();
    const auto lie = GENERATE(0, 1, 2, 3);
    CAPTURE(lie);
    awaited_flight flight{contexts};
    const auto body = message_in(flight.records, handshake_type::certificate);
    const octets zeros(100);
    wire::handshake_view forged{handshake_type::certificate, static_cast<std::uint32_t>(body.size()), 1, 200,
                                zeros};
    if (lie == 1) forged.length = 5'000;
    if (lie == 2) forged.type = handshake_type::client_key_exchange;
    if (lie == 3) forged.message_seq = 2;  // the number of the ClientKeyExchange
    CHECK(flight.feed(handshake_record(forged)).consumed);
    drop_counts dropped;
    for (const auto& record : flight.records)
        if (const auto fed = flight.feed(record); !fed.consumed) ++dropped[fed.reason];
    CHECK(dropped[drop_reason::inconsistent_fragment] == dropped.total());
    CHECK(dropped.total() > 0);
    CHECK(flight.to->status() == handshake_status::in_progress);
    flight.pair.finish(2s);
    CHECK(flight.pair.both_done());
}

TEST_CASE("order: a forged fragment of a hello costs a retransmission but not the handshake")
{
    tls::handshake_settings settings;
    settings.handshake_mtu = 150;
    tls_pair pair{settings};
    const auto hello = std::exchange(pair.to_server.datagrams, {});
    REQUIRE(hello.size() == 2);
    auto forged = message_of(hello[1]);
    const octets last{std::byte{0xee}};
    forged.fragment_offset = forged.length - 1;
    forged.body = last;
    const auto feed = [&](const octets& record) {
        return pair.server->feed(records_of(record).front(), pair.now, pair.to_client);
    };
    CHECK(feed(hello[0]).consumed);
    CHECK(feed(handshake_record(forged)).consumed);
    CHECK(feed(hello[1]).reason == drop_reason::inconsistent_fragment);
    CHECK(pair.to_client.datagrams.empty());
    for (const auto& again : hello) CHECK(feed(again).consumed);
    pair.settle();
    CHECK(pair.both_done());
}

TEST_CASE(
    "GnuTLS trap 20: assembled messages are passed to GnuTLS in records of the negotiated size (RFC 6066 4)")
{
    const auto ca = make_ca();
    const temp_directory directory;
    auto credentials = with_certificate();
    credentials.client_auth = client_certificates::require;
    credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    certificate_spec spec;
    spec.padding = 2'400;
    const auto shown = make_certificate(ca, spec);
    plain_client client{dtls_1_2, shown.certificate, shown.key};
    REQUIRE(gnutls_record_set_max_size(client.session.get(), 512) == 0);
    tls_peer peer{client, tls::make_server_context(credentials, {})};
    peer.let_client_go_on();
    for (const auto& record : peer.sent_by_client()) CHECK(peer.feed(record).consumed);
    peer.let_client_go_on();
    auto flight = peer.sent_by_client();
    REQUIRE(std::ranges::count_if(flight, is_of_certificate) > 4);
    std::ranges::reverse(flight);
    for (const auto& record : flight) CHECK(peer.feed(record).consumed);
    CHECK(peer.server->status() == handshake_status::done);
}

TEST_CASE("GnuTLS trap 20: a message above the record limit is passed to GnuTLS in several (RFC 5246 6.2.1)")
{
    // All in one record, which is not allowed, and then in two.
    static const auto contexts = with_certificates_both_ways(16'800);
    const bool in_one = GENERATE(true, false);
    CAPTURE(in_one);
    awaited_flight flight{contexts};
    const auto body = message_in(flight.records, handshake_type::certificate);
    REQUIRE(body.size() > 16'384);
    REQUIRE(body.size() < 18'000);
    wire::handshake_view piece{handshake_type::certificate, static_cast<std::uint32_t>(body.size()), 1, 0,
                               body};
    if (!in_one) piece.body = piece.body.first(9'000);
    CHECK(flight.feed(handshake_record(piece)).consumed);
    if (!in_one) {
        piece.fragment_offset = 9'000;
        piece.body = wire::bytes{body}.subspan(9'000);
        CHECK(flight.feed(handshake_record(piece)).consumed);
    }
    for (const auto& record : flight.records)
        if (!is_of_certificate(record)) CHECK(flight.feed(record).consumed);
    flight.pair.settle();
    CHECK(flight.pair.both_done());
}

TEST_CASE("order: on a reordering network a handshake takes no longer than four flights")
{
    static const auto contexts = with_certificates_both_ways();
    const auto seed = GENERATE(range(1U, 101U));
    CAPTURE(seed);
    constexpr auto least = 20ms, most = 100ms;  // one-way delay; the first retransmission is at 900 ms
    tls::handshake_settings settings;
    settings.handshake_mtu = 200;
    seeded_random random{seed};
    sim::schedule time;
    tls_pair pair{settings, {}, contexts.server, contexts.client};
    const auto carry = [&](queue_outbox& from, tls::handshake& to, queue_outbox& answers) {
        for (auto& sent : std::exchange(from.datagrams, {}))
            time.after(least + 1ms * random.below((most - least) / 1ms + 1), [&, datagram = std::move(sent)] {
                for (const auto& record : records_of(datagram))
                    CHECK(to.feed(record, time.now(), answers).consumed);
            });
    };
    const auto end = time.now() + 4 * most;
    do {
        carry(pair.to_server, *pair.server, pair.to_client);
        carry(pair.to_client, *pair.client, pair.to_server);
    } while (!pair.both_done() && time.step(end));
    CHECK(pair.both_done());
}
