#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <array>

// Problems of a naive use of GnuTLS, one test per trap, with the numbers of src/README.md.

using namespace quivive;
using namespace quivive::test;
using record::opened_kind;
using tls::handshake_status;
using wire::content_type;
using wire::handshake_type;

namespace {

constexpr std::array<std::byte, 1'000> zeros{};

/// A server that waits for the client's second flight, which is `flight`.
struct waiting_server {
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    std::vector<octets> flight;

    waiting_server()
    {
        peer.let_client_go_on();
        (void)peer.feed(peer.sent_by_client().front());
        peer.let_client_go_on();
        flight = peer.sent_by_client();
        REQUIRE(flight.size() == 3);  // ClientKeyExchange, ChangeCipherSpec, Finished
    }
    drop_reason dropped(const octets& record)
    {
        const auto result = peer.feed(record);
        CHECK_FALSE(result.consumed);
        return result.reason;
    }
    /// Checks that the handshake and then the session proceed normally.
    void works()
    {
        for (const auto& record : flight) (void)peer.feed(record);
        REQUIRE(peer.server->status() == handshake_status::done);
        peer.establish();
        for (int i = 0; i < 20; ++i) CHECK(peer.echo("hello") == "hello");
    }
};

struct open_session : waiting_server {
    open_session() { works(); }
};

/// A network that accepts nothing.
struct full_outbox final : wire::outbox {
    int lost = 0;
    void send(const wire::path&, wire::bytes) noexcept override { ++lost; }
};

octets message(handshake_type type, std::uint16_t seq, std::uint32_t length, std::uint32_t offset,
               std::size_t size)
{
    return handshake_record({type, length, seq, offset, wire::bytes{zeros}.first(size)});
}

octets of_epoch_1(octets record)
{
    record[4] = std::byte{1};
    return record;
}

}  // namespace

TEST_CASE("GnuTLS trap 1: an empty record does not end the session")
{
    waiting_server server;
    CHECK(records_of({}).empty());
    CHECK(server.dropped(plaintext_record(content_type::handshake, {})) ==
          drop_reason::inconsistent_fragment);
    CHECK(server.dropped(plaintext_record(content_type::change_cipher_spec, {})) ==
          drop_reason::unexpected_record);
    (void)server.peer.feed(of_epoch_1(plaintext_record(content_type::handshake, {})));
    server.works();
    CHECK(server.peer.open(of_epoch_1(plaintext_record(content_type::application_data, {}))).reason ==
          drop_reason::short_record);
    CHECK(server.peer.echo("hello") == "hello");
}

TEST_CASE("GnuTLS trap 2: a header with too large a length does not consume the next record")
{
    open_session server;
    auto header = of_epoch_1(plaintext_record(content_type::application_data, {}));
    wire::write_integer(std::span{header}.last(2), 16'000);
    CHECK(records_of(header).empty());
    for (std::size_t size = 1; size < header.size(); ++size)
        CHECK(records_of({header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size)}).empty());
    // A record is passed with its own length, whatever follows it.
    auto junk =
        of_epoch_1(plaintext_record(content_type::application_data, wire::bytes{zeros}.first(40), 700));
    junk.resize(junk.size() + 5);
    CHECK(server.peer.open(junk).reason == drop_reason::bad_record_mac);
    CHECK(server.peer.echo("hello") == "hello");
}

TEST_CASE("GnuTLS trap 3: many fragments in one datagram do not end the handshake")
{
    waiting_server server;
    octets nine;
    for (int i = 0; i < 9; ++i) {
        const auto fragment = message(handshake_type::client_key_exchange, 1, 60, 0, 1);
        nine.insert(nine.end(), fragment.begin() + 13, fragment.end());
    }
    CHECK(server.dropped(plaintext_record(content_type::handshake, nine)) == drop_reason::too_many_fragments);
    server.works();
}

TEST_CASE("GnuTLS trap 4: a flight of more than 31 datagrams is sent")
{
    certificate_spec spec;
    for (int i = 0; i < 400; ++i) spec.dns_names.push_back("host-" + std::to_string(i) + ".example.org");
    server_credentials credentials;
    credentials.certificate = make_certificate(spec).in_memory();
    tls::handshake_settings settings;
    settings.handshake_mtu = 256;
    tls_pair pair{settings, {}, tls::make_server_context(credentials, {})};
    pair.deliver_to_server();
    while (!pair.to_server.datagrams.empty()) pair.deliver_to_server();
    CHECK(pair.to_client.datagrams.size() > 32);
    pair.settle();
    CHECK(pair.both_done());
}

TEST_CASE("GnuTLS trap 5: no memory is allocated for a message of 16 MB that a 26-byte record claims")
{
    waiting_server server;
    for (std::uint16_t seq = 1; seq < 7; ++seq)
        CHECK(server.dropped(message(handshake_type::certificate, seq, 0xffffff, 0, 1)) ==
              drop_reason::oversized_handshake);
    server.works();
}

TEST_CASE("GnuTLS trap 6: plaintext alerts and absurd sequence numbers do not end a handshake")
{
    waiting_server server;
    const std::array fatal{std::byte{2}, std::byte{40}}, warning{std::byte{1}, std::byte{90}},
        close_notify{std::byte{1}, std::byte{0}};
    const auto alerted = server.peer.feed(plaintext_record(content_type::alert, fatal));
    CHECK(alerted.reason == drop_reason::plaintext_alert);
    CHECK(alerted.plaintext_fatal_alert);
    CHECK(server.peer.feed(plaintext_record(content_type::alert, close_notify)).plaintext_fatal_alert);
    const auto warned = server.peer.feed(plaintext_record(content_type::alert, warning));
    CHECK(warned.reason == drop_reason::plaintext_alert);
    CHECK_FALSE(warned.plaintext_fatal_alert);
    CHECK_FALSE(server.peer.feed(plaintext_record(content_type::alert, {})).plaintext_fatal_alert);

    auto key_exchange = server.flight.front();
    wire::write_integer(std::span{key_exchange}.subspan(5, 6), 0xffff'ffff'ffff);
    CHECK(server.peer.feed(key_exchange).consumed);
    CHECK(server.dropped(plaintext_record(content_type::application_data, wire::bytes{zeros}.first(9))) ==
          drop_reason::unexpected_record);
    CHECK(server.dropped(plaintext_record(content_type::heartbeat, wire::bytes{zeros}.first(9))) ==
          drop_reason::unexpected_record);
    server.works();
}

TEST_CASE("GnuTLS trap 7: a repeated Finished is reported at once, independent of GnuTLS's timer")
{
    open_session server;
    const std::array finished{std::byte{20}, std::byte{0}, std::byte{0}, std::byte{12}};
    octets body(24);
    std::ranges::copy(finished, body.begin());
    for (int i = 0; i < 3; ++i) {
        const auto again = server.peer.sealed_by_client(content_type::handshake, body);
        CHECK(server.peer.open(again).kind == opened_kind::repeated_finished);
    }
    CHECK_FALSE(server.peer.last_flight.empty());
    CHECK(server.peer.echo("hello") == "hello");
}

TEST_CASE("GnuTLS trap 12: all records of a datagram are processed")
{
    waiting_server server;
    const auto datagram = joined(server.flight);
    for (const auto& record : records_of(datagram))
        CHECK(server.peer.feed({record.whole.begin(), record.whole.end()}).consumed);
    CHECK(server.peer.server->status() == handshake_status::done);
}

TEST_CASE("GnuTLS trap 13: records that the network does not accept are lost and do not end the session")
{
    open_session server;
    full_outbox full;
    for (int i = 0; i < 10; ++i)
        CHECK(server.peer.protection->seal(wire::as_bytes("lost"), {}, full) == record::sealed::sent);
    CHECK(full.lost == 10);
    queue_outbox out;
    REQUIRE(server.peer.protection->seal(wire::as_bytes("after"), {}, out) == record::sealed::sent);
    REQUIRE(out.datagrams.size() == 1);
    auto& incoming = server.client.session.incoming;
    const auto* bytes = reinterpret_cast<const unsigned char*>(out.datagrams[0].data());
    incoming.emplace_back(bytes, bytes + out.datagrams[0].size());
    std::array<char, 100> buffer{};
    CHECK(gnutls_record_recv(server.client.session.get(), buffer.data(), buffer.size()) == 5);
}

TEST_CASE("GnuTLS trap 14: a Finished or data that arrives too early is kept")
{
    waiting_server server;
    CHECK(server.peer.feed(server.flight[2]).consumed);
    CHECK(server.peer.feed(of_epoch_1(plaintext_record(content_type::application_data, zeros))).consumed);
    CHECK(server.peer.feed(server.flight[1]).consumed);
    CHECK(server.peer.server->status() == handshake_status::in_progress);
    CHECK(server.peer.feed(server.flight[0]).consumed);
    CHECK(server.peer.server->status() == handshake_status::done);
    CHECK(server.peer.server->take_early_records().size() == 1);
}

TEST_CASE("GnuTLS trap 15: 64 records may arrive in reverse")
{
    open_session server;
    std::vector<octets> records;
    for (int i = 0; i < 60; ++i)
        records.push_back(server.peer.sealed_by_client(content_type::application_data, zeros));
    for (auto each = records.rbegin(); each != records.rend(); ++each)
        CHECK(server.peer.open(*each).kind == opened_kind::message);
    for (const auto& record : records) CHECK(server.peer.open(record).reason == drop_reason::replayed_record);
}

TEST_CASE("GnuTLS trap 16: an authentic heartbeat is dropped and does not end the session")
{
    open_session server;
    const auto heartbeat =
        server.peer.sealed_by_client(content_type::heartbeat, wire::bytes{zeros}.first(20));
    CHECK(server.peer.open(heartbeat).reason == drop_reason::unexpected_record);
    CHECK(server.peer.open(heartbeat).reason == drop_reason::replayed_record);
    CHECK(server.peer.echo("hello") == "hello");
}

TEST_CASE("GnuTLS trap 17: a forged message ahead of its turn does not stop the later session from receiving")
{
    waiting_server server;
    // GnuTLS would keep it and refuse all data as long as it is stored.
    for (std::uint16_t ahead = 2; ahead < 8; ++ahead)
        (void)server.peer.feed(
            message(static_cast<handshake_type>(ahead + 9), static_cast<std::uint16_t>(1 + ahead), 60, 0, 5));
    server.works();
}

TEST_CASE("GnuTLS trap 18: GnuTLS receives a single ChangeCipherSpec, and a forged one does no harm")
{
    waiting_server server;
    // GnuTLS would store each in 17 kB of memory.
    const std::array one{std::byte{1}};
    CHECK(server.peer.feed(plaintext_record(content_type::change_cipher_spec, one)).consumed);
    for (int i = 0; i < 5; ++i)
        CHECK(server.dropped(plaintext_record(content_type::change_cipher_spec, one)) ==
              drop_reason::repeated_flight);
    const std::array two{std::byte{2}};
    CHECK(server.dropped(plaintext_record(content_type::change_cipher_spec, two)) ==
          drop_reason::unexpected_record);
    server.works();
}

TEST_CASE("GnuTLS trap 18: a forged ChangeCipherSpec before any message harms neither side")
{
    const std::array one{std::byte{1}};
    const auto forged = plaintext_record(content_type::change_cipher_spec, one);
    tls_pair pair;
    (void)pair.server->feed(records_of(forged).front(), pair.now, pair.to_client);
    (void)pair.client->feed(records_of(forged).front(), pair.now, pair.to_server);
    pair.settle();
    CHECK(pair.both_done());
}

TEST_CASE("GnuTLS trap 19: after a retransmission with a new sequence number replays are still dropped")
{
    open_session server;
    const auto first = server.peer.sealed_by_client(content_type::application_data, zeros);
    CHECK(server.peer.open(first).kind == opened_kind::message);
    // GnuTLS would forget all received sequence numbers.
    server.peer.last_flight.renew(
        [&](std::span<std::byte> record) { server.peer.protection->renew(record); });
    CHECK(server.peer.open(first).reason == drop_reason::replayed_record);
    CHECK(server.peer.echo("hello") == "hello");
    CHECK(server.peer.open(first).reason == drop_reason::replayed_record);
}
