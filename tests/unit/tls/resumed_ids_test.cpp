#include "record/detached_protection.hpp"
#include "support/catch.hpp"
#include "support/resuming_client.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <string>

// A ticket does not contain connection ids: each handshake negotiates them (RFC 9146 3).

using namespace quivive;
using namespace quivive::test;

namespace {

constexpr std::size_t servers_id_size = 8;
const tls::context_options ids_wanted{.dtls_1_0 = false, .priority = {}, .alpn = {}, .connection_ids = true};

tls::handshake_settings with_id(std::size_t size, int fill)
{
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    settings.connection_id = wire::own_connection_id{octets(size, static_cast<std::byte>(fill))};
    return settings;
}

/// A handshake of this client with a server; all servers share one ticket key.
struct meeting_with_ids {
    meeting_with_ids(const std::shared_ptr<const tls::context>& client, std::size_t clients_id_size)
        : pair{with_id(clients_id_size, 0xc1), {}, any_server_context(), client}
    {
        pair.server =
            tls::make_server_handshake(any_server_context(), with_id(servers_id_size, 0x51), {}, pair.path);
        pair.clients_id_size = clients_id_size;
        pair.servers_id_size = servers_id_size;
    }
    void finish()
    {
        pair.finish();
        REQUIRE(pair.both_done());
        resumed = pair.server->facts().resumed;
        CHECK(pair.client->facts().resumed == resumed);
    }
    void check_records()
    {
        const auto client = pair.client->take_protection(), server = pair.server->take_protection();
        REQUIRE(client->ids());
        REQUIRE(server->ids());
        CHECK(server->ids()->peers.value().size() == pair.clients_id_size);
        CHECK(client->ids()->peers.value().size() == servers_id_size);
        for (int round = 0; round < 2; ++round) {
            CHECK(pass(*client, *server, servers_id_size) == "hello");
            CHECK(pass(*server, *client, pair.clients_id_size) == "hello");
        }
    }
    /// Sends a message from `from` to `to`, checks that the record has the id of `to`, and returns the
    /// delivered text.
    std::string pass(record::protection& from, record::protection& to, std::size_t id_size) const
    {
        queue_outbox out;
        REQUIRE(from.seal(wire::as_bytes("hello"), pair.path, out) == record::sealed::sent);
        const auto record = wire::first_record(out.datagrams.at(0), id_size).value();
        CHECK(record.is(id_size > 0 ? wire::content_type::tls12_cid : wire::content_type::application_data));
        octets plaintext(2'000);
        const auto opened = to.open(record, plaintext, pair.path, out);
        if (opened.kind != record::opened_kind::message) return std::string{to_string(opened.reason)};
        return std::string{wire::as_text(wire::bytes{plaintext}.first(opened.size))};
    }

    tls_pair pair;
    bool resumed = false;
};

}  // namespace

TEST_CASE("RFC 9146 3: a session resumed by ticket negotiates new ids and uses them in its records")
{
    const auto client = std::make_shared<resuming_client>(ids_wanted);
    const auto first = GENERATE(std::size_t{0}, std::size_t{4}),
               second = GENERATE(std::size_t{0}, std::size_t{4});
    CAPTURE(first, second);
    meeting_with_ids full{client, first};
    full.finish();
    CHECK(!full.resumed);
    client->keep();
    full.check_records();

    meeting_with_ids short_one{client, second};
    short_one.finish();
    CHECK(short_one.resumed);
    short_one.check_records();
}

TEST_CASE(
    "RFC 9146 3: a Finished with an id that arrives before the ServerHello of a resumed session is kept")
{
    const auto id_size = GENERATE(std::size_t{0}, std::size_t{4});
    CAPTURE(id_size);
    const auto client = std::make_shared<resuming_client>(ids_wanted);
    meeting_with_ids full{client, id_size};
    full.finish();
    client->keep();

    meeting_with_ids short_one{client, id_size};
    auto& pair = short_one.pair;
    pair.deliver_to_server();
    octets flight;
    for (const auto& datagram : std::exchange(pair.to_client.datagrams, {}))
        flight.insert(flight.end(), datagram.begin(), datagram.end());
    auto records = records_of(flight, id_size);
    REQUIRE(records.back().is(id_size > 0 ? wire::content_type::tls12_cid : wire::content_type::handshake));
    std::ranges::rotate(records, records.end() - 1);
    for (const auto& record : records) CHECK(pair.client->feed(record, pair.now, pair.to_server).consumed);
    CHECK(pair.client->status() == tls::handshake_status::done);
    short_one.finish();
    CHECK(short_one.resumed);
    short_one.check_records();
}

TEST_CASE("RFC 9146 3: before the ServerHello a record with an id that the client did not offer is dropped")
{
    const auto client = std::make_shared<resuming_client>(ids_wanted);
    meeting_with_ids one{client, 4};
    octets early(wire::record_header_size + 4 + 33);
    early[0] = static_cast<std::byte>(wire::content_type::tls12_cid);
    wire::write_integer(std::span{early}.subspan(1, 2), wire::dtls_1_2);
    early[4] = std::byte{1};
    early[wire::record_header_size + 4 - 1] = std::byte{33};
    const auto feed = [&] {
        return one.pair.client->feed(wire::first_record(early, 4).value(), one.pair.now, one.pair.to_server);
    };
    CHECK(feed().reason == drop_reason::unexpected_record);
    std::ranges::fill(std::span{early}.subspan(11, 4), std::byte{0xc1});
    CHECK(feed().consumed);  // kept in vain: it does not verify
    one.finish();
    one.check_records();
}
