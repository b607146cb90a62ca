#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "tls/handshake.hpp"

#include <algorithm>
#include <array>

using namespace quivive;
using record::opened_kind;
using test::octets;
using test::records_of;

namespace {

/// Both ends of an established session.
struct open_pair {
    test::tls_pair handshakes;
    test::queue_outbox from_client, from_server;
    std::unique_ptr<record::protection> client, server;
    std::array<std::byte, 20'000> plaintext{};

    open_pair()
    {
        handshakes.settle();
        REQUIRE(handshakes.both_done());
        client = handshakes.client->take_protection();
        server = handshakes.server->take_protection();
    }

    octets from_client_sealed(std::string_view message)
    {
        REQUIRE(client->seal(wire::as_bytes(message), handshakes.path, from_client) == record::sealed::sent);
        auto datagram = std::move(from_client.datagrams.back());
        from_client.datagrams.pop_back();
        return datagram;
    }
    record::opened server_opens(const octets& datagram)
    {
        return server->open(records_of(datagram).front(), plaintext, handshakes.path, from_server);
    }
    std::string_view text(const record::opened& opened) const
    {
        return wire::as_text(wire::bytes{plaintext}.first(opened.size));
    }
    void works()
    {
        const auto opened = server_opens(from_client_sealed("hello"));
        REQUIRE(opened.kind == opened_kind::message);
        CHECK(text(opened) == "hello");
    }
};

octets forged(std::uint8_t type, std::uint64_t sequence, std::size_t size)
{
    octets record(13 + size, std::byte{0xa5});
    record[0] = std::byte{type};
    record[1] = std::byte{0xfe};
    record[2] = std::byte{0xfd};
    wire::write_integer(std::span{record}.subspan(3, 2), 1);
    wire::write_integer(std::span{record}.subspan(5, 6), sequence);
    wire::write_integer(std::span{record}.subspan(11, 2), size);
    return record;
}

}  // namespace

TEST_CASE("attached: messages of up to the maximum size are delivered, and larger ones are refused")
{
    open_pair pair;
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, pair.client->max_message_size()}) {
        const std::string message(size, 'x');
        const auto opened = pair.server_opens(pair.from_client_sealed(message));
        REQUIRE(opened.kind == opened_kind::message);
        CHECK(pair.text(opened) == message);
    }
    const std::string large(pair.client->max_message_size() + 1, 'x');
    CHECK(pair.client->seal(wire::as_bytes(large), pair.handshakes.path, pair.from_client) ==
          record::sealed::too_large);
    CHECK(pair.from_client.datagrams.empty());
    CHECK(pair.client->max_message_size() >= 1'200);
}

TEST_CASE("attached: sending an empty message reports an error and does no harm, as GnuTLS cannot send it")
{
    open_pair pair;
    CHECK(pair.client->seal({}, pair.handshakes.path, pair.from_client) == record::sealed::empty);
    CHECK(pair.from_client.datagrams.empty());
    pair.works();
}

TEST_CASE("attached: a record with a bad MAC is dropped with this reason, whatever its type")
{
    open_pair pair;
    for (const auto type : std::array<std::uint8_t, 4>{21, 22, 23, 24}) {
        const auto opened = pair.server_opens(forged(type, 500, 64));
        CHECK(opened.kind == opened_kind::discarded);
        CHECK(opened.reason == drop_reason::bad_record_mac);
        pair.works();
    }
    CHECK(pair.from_server.datagrams.empty());
}

TEST_CASE("attached: a record with any flipped bit is dropped")
{
    open_pair pair;
    const auto good = pair.from_client_sealed("hello");
    for (std::size_t bit = 13 * 8; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        REQUIRE(pair.server_opens(bad).kind == opened_kind::discarded);
    }
    CHECK(pair.server_opens(good).kind == opened_kind::message);
}

TEST_CASE("attached: a replay is dropped, and only authentic records move the window (RFC 6347 4.1.2.6)")
{
    open_pair pair;
    const auto first = pair.from_client_sealed("first");
    CHECK(pair.server_opens(first).kind == opened_kind::message);
    CHECK(pair.server_opens(first).reason == drop_reason::replayed_record);
    CHECK(pair.server_opens(forged(23, 0xffffffff, 64)).reason == drop_reason::bad_record_mac);
    pair.works();
}

TEST_CASE("attached: reordered records are all delivered")
{
    open_pair pair;
    std::vector<octets> records;
    for (int i = 0; i < 60; ++i) records.push_back(pair.from_client_sealed(std::to_string(i)));
    std::ranges::reverse(records);
    for (const auto& record : records) CHECK(pair.server_opens(record).kind == opened_kind::message);
}

TEST_CASE("attached: close_notify is delivered in both directions")
{
    open_pair pair;
    pair.client->send_alert(record::alert::close_notify, pair.handshakes.path, pair.from_client);
    REQUIRE(pair.from_client.datagrams.size() == 1);
    CHECK(pair.server_opens(pair.from_client.datagrams.front()).kind == opened_kind::close_notify);
    pair.server->send_alert(record::alert::close_notify, pair.handshakes.path, pair.from_server);
    REQUIRE(pair.from_server.datagrams.size() == 1);
    const auto opened = pair.client->open(records_of(pair.from_server.datagrams.front()).front(),
                                          pair.plaintext, pair.handshakes.path, pair.from_client);
    CHECK(opened.kind == opened_kind::close_notify);
}

TEST_CASE("attached: an authentic warning alert changes nothing")
{
    open_pair pair;
    pair.client->send_alert(record::alert::no_renegotiation, pair.handshakes.path, pair.from_client);
    CHECK(pair.server_opens(pair.from_client.datagrams.front()).kind == opened_kind::warning);
    pair.works();
}

TEST_CASE("attached: a record of epoch 0 never reaches GnuTLS")
{
    open_pair pair;
    auto plain = forged(21, 3, 2);
    plain[4] = std::byte{0};
    CHECK(pair.server_opens(plain).reason == drop_reason::plaintext_on_session);
    pair.works();
}

TEST_CASE("attached: a retransmitted Finished of the client is reported, and GnuTLS does not answer it")
{
    test::tls_pair pair;
    pair.deliver_to_server();
    pair.deliver_to_client();
    pair.deliver_to_server();
    pair.to_client.datagrams.clear();  // the server's last flight is lost
    REQUIRE(pair.server->status() == tls::handshake_status::done);
    auto last_flight = pair.server->take_last_flight();
    auto server = pair.server->take_protection();

    pair.client->on_timer(pair.now + std::chrono::seconds{1}, pair.to_server);
    const auto repeated = pair.to_server.datagrams.front();
    const auto records = records_of(repeated);
    std::array<std::byte, 500> plaintext;
    const auto opened = server->open(records.back(), plaintext, pair.path, pair.to_client);
    CHECK(opened.kind == opened_kind::repeated_finished);
    CHECK(pair.to_client.datagrams.empty());

    last_flight.send(pair.path, pair.to_client);
    pair.deliver_to_client();
    CHECK(pair.client->status() == tls::handshake_status::done);
    // The client's next record has its own sequence number.
    auto client = pair.client->take_protection();
    REQUIRE(client->seal(wire::as_bytes("hello"), pair.path, pair.to_server) == record::sealed::sent);
    CHECK(
        server
            ->open(records_of(pair.to_server.datagrams.back()).front(), plaintext, pair.path, pair.to_client)
            .kind == opened_kind::message);
}
