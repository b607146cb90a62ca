#include "record/detached_protection.hpp"
#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include <string>

using namespace quivive;
using namespace quivive::test;

namespace {

wire::own_connection_id id_of(std::size_t size, int fill)
{
    return wire::own_connection_id{octets(size, static_cast<std::byte>(fill))};
}

tls::handshake_settings with_id(std::optional<wire::own_connection_id> id)
{
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    settings.connection_id = id;
    return settings;
}

tls::context_options beside_ids(tls::context_options options)
{
    options.connection_ids = true;
    return options;
}

/// Two handshake engines, each with or without a connection id.
struct ends {
    ends(std::optional<wire::own_connection_id> clients, std::optional<wire::own_connection_id> servers,
         const tls::context_options& options = {.dtls_1_0 = false, .priority = {}, .alpn = {}})
        : pair{with_id(clients), {}, server_context_with(options), client_context_with(options)}
    {
        pair.server =
            tls::make_server_handshake(server_context_with(options), with_id(servers), {}, pair.path);
        pair.clients_id_size = clients ? clients->size() : 0;
        pair.servers_id_size = servers ? servers->size() : 0;
    }
    void finish()
    {
        pair.finish();
        REQUIRE(pair.both_done());
        facts = pair.server->facts();
        client = pair.client->take_protection();
        server = pair.server->take_protection();
    }
    /// Sends a message from `from` to `to`. Returns the delivered text or the error; `carried` is the record.
    std::string pass(record::protection& from, record::protection& to, std::size_t id_size)
    {
        queue_outbox out;
        if (from.seal(wire::as_bytes("hello"), pair.path, out) != record::sealed::sent) return "not sent";
        carried = out.datagrams.at(0);
        const auto records = records_of(carried, id_size);
        if (records.size() != 1) return "not one record";
        const auto opened = to.open(records[0], plaintext, pair.path, out);
        if (opened.kind != record::opened_kind::message) return std::string{to_string(opened.reason)};
        return std::string{wire::as_text(wire::bytes{plaintext}.first(opened.size))};
    }

    tls_pair pair;
    tls::handshake_facts facts;
    std::unique_ptr<record::protection> client, server;
    octets carried, plaintext = octets(2'000);
};

bool has_type(const octets& record, wire::content_type type)
{
    return static_cast<wire::content_type>(record.front()) == type;
}

}  // namespace

TEST_CASE("RFC 9146: each side's id is in the records that it receives, with each AEAD cipher")
{
    const std::string cipher =
        GENERATE("AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305", "AES-128-CCM", "AES-128-CCM-8");
    const auto clients = GENERATE(std::size_t{0}, std::size_t{4}, std::size_t{16});
    CAPTURE(cipher, clients);
    ends both{id_of(clients, 0xc1), id_of(8, 0x51), only_cipher(cipher)};
    both.finish();
    CHECK(both.facts.connection_id);

    CHECK(both.pass(*both.client, *both.server, 8) == "hello");
    CHECK(has_type(both.carried, wire::content_type::tls12_cid));
    CHECK(std::ranges::equal(wire::bytes{both.carried}.subspan(11, 8), octets(8, std::byte{0x51})));
    CHECK(both.pass(*both.server, *both.client, clients) == "hello");
    CHECK(has_type(both.carried,
                   clients > 0 ? wire::content_type::tls12_cid : wire::content_type::application_data));
}

TEST_CASE("RFC 9146 3: ids are used only if both sides offer the extension")
{
    const bool client_wants = GENERATE(true, false);
    ends both{client_wants ? std::optional{id_of(4, 1)} : std::nullopt,
              client_wants ? std::nullopt : std::optional{id_of(8, 2)}};
    both.pair.clients_id_size = both.pair.servers_id_size = 0;
    both.finish();
    CHECK(!both.facts.connection_id);
    CHECK(both.server->ids() == nullptr);
    CHECK(both.client->ids() == nullptr);
    CHECK(both.pass(*both.client, *both.server, 0) == "hello");
    CHECK(both.pass(*both.server, *both.client, 0) == "hello");
}

TEST_CASE("connection ids: CBC suites are refused together with ids, since GnuTLS protects their records")
{
    CHECK(server_context_with(only_cipher("AES-128-CBC")));
    CHECK(server_context_with(beside_ids(only_cipher("AES-128-GCM:+AES-256-CCM-8:+CHACHA20-POLY1305"))));
    CHECK(server_context_with({.dtls_1_0 = false, .priority = {}, .alpn = {}, .connection_ids = true}));
    CHECK_THROWS_AS(server_context_with(beside_ids(only_cipher("AES-128-GCM:+AES-128-CBC"))), config_error);
}

TEST_CASE("connection ids: an AEAD cipher that the record layer lacks is refused together with ids")
{
    const auto both = only_cipher("AES-128-GCM:+CAMELLIA-128-GCM");
    CHECK(client_context_with(both));
    CHECK_THROWS_AS(client_context_with(beside_ids(both)), config_error);
}

TEST_CASE("connection ids: a session whose record keys are unavailable fails instead of losing its ids")
{
    // Ciphers that the check of the priorities refuses. The ids are empty, so that the handshake itself needs
    // no record with an id.
    ends both{id_of(0, 0), id_of(0, 0), only_cipher(GENERATE("CAMELLIA-128-GCM", "AES-128-CBC"))};
    both.pair.finish();
    REQUIRE(both.pair.both_done());
    CHECK_THROWS_AS(both.pair.client->take_protection(), boost::system::system_error);
    CHECK_THROWS_AS(both.pair.server->take_protection(), boost::system::system_error);
}

TEST_CASE("RFC 9853 3: both sides negotiate the return routability check")
{
    ends both{id_of(0, 0), id_of(8, 2)};
    both.finish();
    REQUIRE(both.server->ids());
    REQUIRE(both.client->ids());
    CHECK(both.server->ids()->checks_paths);
    CHECK(both.client->ids()->checks_paths);
    CHECK(both.server->ids()->seed != both.client->ids()->seed);
}

TEST_CASE("connection ids: a reordered, lost or repeated Finished does no harm")
{
    const auto clients = GENERATE(std::size_t{0}, std::size_t{4});
    ends both{id_of(clients, 1), id_of(8, 2)};
    auto& pair = both.pair;
    while (pair.to_server.datagrams.empty() || pair.client->status() == tls::handshake_status::in_progress) {
        // Up to the client's flight with its Finished.
        if (!pair.to_client.datagrams.empty()) {
            pair.deliver_to_client();
            if (!pair.to_server.datagrams.empty()) break;
        } else {
            pair.deliver_to_server();
        }
    }
    const auto flight = pair.to_server.datagrams.front();
    pair.to_server.datagrams.clear();
    auto records = records_of(flight, 8);
    REQUIRE(records.back().is(wire::content_type::tls12_cid));
    SECTION("Finished first")
    {
        std::ranges::rotate(records, records.end() - 1);
        for (const auto& record : records) (void)pair.server->feed(record, pair.now, pair.to_client);
    }
    SECTION("Finished twice")
    {
        for (int i = 0; i < 2; ++i)
            for (const auto& record : records) (void)pair.server->feed(record, pair.now, pair.to_client);
    }
    SECTION("Finished lost at first")
    {
        records.pop_back();
        for (const auto& record : records) (void)pair.server->feed(record, pair.now, pair.to_client);
    }
    both.finish();
    CHECK(both.pass(*both.client, *both.server, 8) == "hello");
    CHECK(both.pass(*both.server, *both.client, clients) == "hello");
}

TEST_CASE("RFC 9146 3: a record without the id or with another id is dropped as wrong_connection_id")
{
    ends both{id_of(0, 0), id_of(8, 2)};
    both.finish();
    queue_outbox out;
    REQUIRE(both.client->seal(wire::as_bytes("hello"), both.pair.path, out) == record::sealed::sent);
    const auto good = out.datagrams.front();
    const auto reason_of = [&](const octets& datagram, std::size_t id_size) {
        return both.server
            ->open(wire::first_record(datagram, id_size).value(), both.plaintext, both.pair.path, out)
            .reason;
    };
    for (std::size_t i = 0; i < 8; ++i) {
        auto other = good;
        other[11 + i] ^= std::byte{1};
        CHECK(reason_of(other, 8) == drop_reason::wrong_connection_id);
    }
    auto plain = good;
    plain.erase(plain.begin() + 11, plain.begin() + 19);
    plain[0] = std::byte{23};
    CHECK(reason_of(plain, 0) == drop_reason::wrong_connection_id);
    auto padded = good;
    padded.back() ^= std::byte{1};
    CHECK(reason_of(padded, 8) == drop_reason::bad_record_mac);
    CHECK(both.server->open(wire::first_record(good, 8).value(), both.plaintext, both.pair.path, out).kind ==
          record::opened_kind::message);
    CHECK(reason_of(good, 8) == drop_reason::replayed_record);
}
