#include "record/detached_protection.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "unit/tls/server_meeting.hpp"
#include "unit/tls/size_limits.hpp"

#include <gnutls/dtls.h>

#include <span>
#include <utility>

// Limits of the data in one record: max_fragment_length (RFC 6066 4) and record_size_limit (RFC 8449 4).

using namespace quivive;
using namespace quivive::test;
using record::sealed;
using tls::handshake_status;

namespace {

/// Priorities that accept a record_size_limit below 512.
constexpr auto small_records = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:%ALLOW_SMALL_RECORDS";

/// Checks that exactly `limit` bytes fit one record, and that a GnuTLS client receives them.
void check_limit(record::protection& server, plain_session& client, std::size_t limit)
{
    CHECK(server.max_message_size() == limit);
    queue_outbox out;
    const octets message(limit + 1, std::byte{'x'});
    CHECK(server.seal(message, {}, out) == sealed::too_large);
    CHECK(out.datagrams.empty());
    REQUIRE(server.seal(wire::bytes{message}.first(limit), {}, out) == sealed::sent);
    const auto* const sent = reinterpret_cast<const unsigned char*>(out.datagrams.at(0).data());
    client.incoming.emplace_back(sent, sent + out.datagrams.at(0).size());
    std::vector<char> heard(wire::max_record_plaintext);
    CHECK(gnutls_record_recv(client.get(), heard.data(), heard.size()) == static_cast<ssize_t>(limit));
}

}  // namespace

TEST_CASE("RFC 8449 4: a record holds exactly as many bytes as the client's record_size_limit")
{
    const bool detached = GENERATE(false, true);
    const auto limit =
        GENERATE(std::size_t{64}, std::size_t{100}, std::size_t{200}, std::size_t{512}, std::size_t{777});
    CAPTURE(detached, limit);
    static const auto context = context_with_names(14);  // too large for one datagram
    plain_client client{limit < 512 ? small_records : dtls_1_2};
    REQUIRE(gnutls_record_set_max_recv_size(client.session.get(), limit) == 0);
    tls_peer peer{client, context, of_layer(detached)};
    peer.settle();
    REQUIRE(peer.server->status() == handshake_status::done);
    peer.establish();
    check_limit(*peer.protection, client.session, limit);
    CHECK(peer.echo("hello") == "hello");
}

TEST_CASE("RFC 8449 4: a limit above the MTU changes nothing")
{
    const bool detached = GENERATE(false, true);
    plain_client client{dtls_1_2}, limited{dtls_1_2};
    REQUIRE(gnutls_record_set_max_recv_size(limited.session.get(), 1'390) == 0);
    std::vector<std::size_t> sizes;
    for (auto* const each : {&client, &limited}) {
        tls_peer peer{*each, any_server_context(), of_layer(detached)};
        peer.settle();
        peer.establish();
        sizes.push_back(peer.protection->max_message_size());
        check_limit(*peer.protection, each->session, sizes.front());
    }
}

TEST_CASE("RFC 8449 5: the limit of a client that sends both extensions is kept")
{
    const bool detached = GENERATE(false, true);
    plain_client client{dtls_1_2};
    REQUIRE(gnutls_record_set_max_size(client.session.get(), 1'024) == 0);
    tls_peer peer{client, any_server_context(), of_layer(detached)};
    peer.settle();
    REQUIRE(peer.server->status() == handshake_status::done);
    peer.establish();
    check_limit(*peer.protection, client.session, 1'024);
}

TEST_CASE("RFC 8449 4: with a connection id the encrypted content type counts too")
{
    record::session_keys keys;
    keys.size_limit = 512;
    auto ids = std::make_unique<record::connection_ids>();
    const bool with_id = GENERATE(false, true);
    if (with_id) ids->peers = wire::peers_connection_id{counting(5)};
    record::detached_protection protection{keys, 1'400, of_layer(true).ciphers, std::move(ids)};
    CHECK(protection.max_message_size() == (with_id ? 511 : 512));
    queue_outbox out;
    CHECK(protection.seal(octets(protection.max_message_size()), {}, out) == sealed::sent);
    CHECK(protection.seal(octets(protection.max_message_size() + 1), {}, out) == sealed::too_large);
}

TEST_CASE("RFC 8449 4: a resumed session has the limit of its own hello")
{
    const bool detached = GENERATE(false, true);
    const auto context = tls::make_server_context(with_certificate(), {});
    plain_client first{dtls_1_2}, second{dtls_1_2};
    const auto meet = [&](plain_client& client, std::size_t limit) {
        REQUIRE(gnutls_record_set_max_recv_size(client.session.get(), limit) == 0);
        tls_peer peer{client, context, of_layer(detached)};
        peer.settle();
        REQUIRE(peer.server->status() == handshake_status::done);
        peer.establish();
        check_limit(*peer.protection, client.session, limit);
        return client.session.resumed();
    };
    const auto limits = GENERATE(std::pair<std::size_t, std::size_t>{512, 900},
                                 std::pair<std::size_t, std::size_t>{900, 512});
    CAPTURE(detached, limits.first, limits.second);
    CHECK(!meet(first, limits.first));
    tls::datum kept;
    REQUIRE(gnutls_session_get_data2(first.session.get(), kept.out()) == 0);
    REQUIRE(gnutls_session_set_data(second.session.get(), kept.get().data, kept.get().size) == 0);
    CHECK(meet(second, limits.second));
}

TEST_CASE("RFC 8449 4: a client keeps to its server's limit")
{
    const bool detached = GENERATE(false, true);
    const auto limit = GENERATE(std::size_t{512}, std::size_t{900});
    CAPTURE(detached, limit);
    plain_session server{GNUTLS_SERVER, *any_server_context()};
    REQUIRE(gnutls_record_set_max_recv_size(server.get(), limit) == 0);
    queue_outbox out;
    const auto client = tls::make_client_handshake(any_client_context(), of_layer(detached), {}, {}, out);
    for (int rounds = 0; rounds < 10 && client->status() == handshake_status::in_progress; ++rounds) {
        for (const auto& datagram : std::exchange(out.datagrams, {}))
            for (const auto& record : records_of(datagram)) {
                const auto* const bytes = reinterpret_cast<const unsigned char*>(record.whole.data());
                server.incoming.emplace_back(bytes, bytes + record.whole.size());
            }
        server.step();
        for (const auto& sent : std::exchange(server.sent, {})) {
            const auto view = std::as_bytes(std::span{sent});
            const octets bytes{view.begin(), view.end()};
            for (const auto& record : records_of(bytes)) (void)client->feed(record, time_point{}, out);
        }
    }
    REQUIRE(client->status() == handshake_status::done);
    const auto protection = client->take_protection();
    check_limit(*protection, server, limit);
}

TEST_CASE("RFC 5246 6.2.1: an authentic record of more than 2^14 bytes is dropped by both record layers")
{
    const bool detached = GENERATE(false, true);
    const std::string cipher = GENERATE(as<std::string>{}, "AES-128-GCM", "AES-256-GCM");
    CAPTURE(detached, cipher);
    plain_client client{dtls_1_2 + (":-CIPHER-ALL:+" + cipher)};
    tls_peer peer{client, any_server_context(), of_layer(detached)};
    peer.settle();
    peer.establish();
    const auto too_long = peer.open(
        peer.sealed_by_client(wire::content_type::application_data, octets(16'385, std::byte{'x'})));
    CHECK(too_long.kind == record::opened_kind::discarded);
    CHECK(too_long.reason == drop_reason::oversized_plaintext);
    const auto longest = peer.open(
        peer.sealed_by_client(wire::content_type::application_data, octets(16'384, std::byte{'x'})));
    CHECK(longest.kind == record::opened_kind::message);
    CHECK(longest.size == 16'384);
    CHECK(peer.echo("hello") == "hello");
}

TEST_CASE("RFC 5246 6.2.1: a record of a CBC suite is oversized if even the longest padding leaves too much")
{
    plain_client client{dtls_1_2 + std::string{":-CIPHER-ALL:+AES-128-CBC:-MAC-ALL:+SHA1"}};
    const auto cbc = server_context_with(only_cipher("AES-128-CBC"));
    tls_peer peer{client, cbc, of_layer(false)};
    peer.settle();
    peer.establish();
    const auto drop = [&](std::size_t payload) {
        auto record = plaintext_record(wire::content_type::application_data, octets(payload, std::byte{'x'}));
        record[4] = std::byte{1};  // the epoch
        return peer.open(record).reason;
    };
    constexpr std::size_t most = 16'384 + 16 + 20 + 256;
    CHECK(drop(most) == drop_reason::bad_record_mac);
    CHECK(drop(most + 1) == drop_reason::oversized_plaintext);
    CHECK(peer.echo("hello") == "hello");
}
