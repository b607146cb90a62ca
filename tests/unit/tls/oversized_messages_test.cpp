#include "quivive/metrics.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/awaited_flight.hpp"
#include "unit/tls/server_meeting.hpp"

#include <gnutls/dtls.h>

#include <utility>

// Messages above the size limit: the peer receives an alert, and forged fragments cannot cause one.

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;
using wire::handshake_type;

namespace {

constexpr std::size_t largest = 32'768;  // the default of `limits`

/// Returns whether the datagram is an unencrypted decode_error (RFC 5246 7.2.2).
bool is_decode_error(const octets& datagram)
{
    const auto records = records_of(datagram);
    return records.size() == 1 && records.front().epoch == 0 &&
           records.front().is(wire::content_type::alert) &&
           std::ranges::equal(records.front().payload, octets{std::byte{2}, std::byte{50}});
}

/// Size of an unknown extension that the client adds to its hello.
std::size_t extension_size = 0;

int send_extension(gnutls_session_t, gnutls_buffer_t out)
{
    const std::vector<unsigned char> zeros(extension_size);
    gnutls_buffer_append_data(out, zeros.data(), zeros.size());
    return static_cast<int>(zeros.size());
}

int ignore_extension(gnutls_session_t, const unsigned char*, std::size_t) { return 0; }

/// Returns the whole ClientHello of a GnuTLS client, `more` bytes longer than usual.
octets long_hello(plain_client& client, std::size_t more)
{
    extension_size = more;
    REQUIRE(gnutls_session_ext_register(client.session.get(), "long", 60'123, GNUTLS_EXT_APPLICATION,
                                        &ignore_extension, &send_extension, nullptr, nullptr, nullptr,
                                        GNUTLS_EXT_FLAG_CLIENT_HELLO | GNUTLS_EXT_FLAG_DTLS) == 0);
    client.session.step();
    octets body;
    for (const auto& datagram : client.session.sent) {
        const auto bytes = std::as_bytes(std::span{datagram});
        const octets record{bytes.begin(), bytes.end()};
        const auto message = message_of(record);
        body.resize(message.length);
        std::ranges::copy(message.body, body.begin() + message.fragment_offset);
    }
    return body;
}

/// A server that receives a hello in fragments of this size until it fails or has the whole hello.
struct fed_hello {
    fed_hello(const octets& body, std::size_t size)
    {
        for (std::size_t at = 0; at < body.size() && server->status() == handshake_status::in_progress;
             at += size) {
            const auto part = wire::bytes{body}.subspan(at, std::min(size, body.size() - at));
            last = server->feed(records_of(handshake_record({handshake_type::client_hello,
                                                             static_cast<std::uint32_t>(body.size()), 0,
                                                             static_cast<std::uint32_t>(at), part}))
                                    .front(),
                                time_point{}, out);
            ++fragments;
        }
    }
    void is_told() const
    {
        CHECK(server->status() == handshake_status::failed);
        CHECK(server->error().value() == GNUTLS_E_HANDSHAKE_TOO_LARGE);
        CHECK_FALSE(last.consumed);
        CHECK(last.reason == drop_reason::oversized_handshake);
        REQUIRE(out.datagrams.size() == 1);
        CHECK(is_decode_error(out.datagrams.front()));
    }

    std::unique_ptr<tls::handshake> server =
        tls::make_server_handshake(any_server_context(), {}, {}, wire::path{});
    queue_outbox out;
    tls::feed_result last;
    int fragments = 0;
};

}  // namespace

TEST_CASE("oversized: a client whose chain is too long gets an alert at once (RFC 5246 7.2.2)")
{
    static const auto contexts = with_certificates_both_ways(36'000);
    awaited_flight flight{contexts};
    REQUIRE(message_in(flight.records, handshake_type::certificate).size() > largest);
    drop_counts dropped;
    for (const auto& record : flight.records) {
        if (flight.to->status() != handshake_status::in_progress) break;
        CHECK(flight.out->datagrams.empty());
        const auto fed = flight.feed(record);
        CHECK_FALSE(fed.consumed);
        ++dropped[fed.reason];
    }
    CHECK(dropped[drop_reason::oversized_handshake] == dropped.total());
    CHECK(flight.to->status() == handshake_status::failed);
    CHECK(flight.to->error().value() == GNUTLS_E_HANDSHAKE_TOO_LARGE);
    CHECK(flight.to->next_wake() == no_deadline);
    REQUIRE(flight.out->datagrams.size() == 1);
    CHECK(is_decode_error(flight.out->datagrams.front()));
}

TEST_CASE("GnuTLS trap 21: a chain of the largest size is accepted, and its client can resume with a ticket")
{
    const auto ca = make_ca();
    const temp_directory directory;
    auto credentials = with_certificate();
    credentials.client_auth = client_certificates::require;
    credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    certificate_spec spec;
    spec.padding = largest - 700;
    const auto shown = make_certificate(ca, spec);
    const auto server = tls::make_server_context(credentials, {});
    tls::datum kept;
    for (const bool resumed : {false, true}) {
        plain_client client{dtls_1_2, shown.certificate, shown.key};
        gnutls_dtls_set_mtu(client.session.get(), 8'000);
        if (resumed) gnutls_session_set_data(client.session.get(), kept.get().data, kept.get().size);
        tls_peer peer{client, server};
        peer.let_client_go_on();
        octets hello, certificate;
        for (int flight = 0; flight < 2; ++flight, peer.let_client_go_on()) {
            const auto records = peer.sent_by_client();
            (flight == 0 ? hello : certificate) =
                message_in(records, flight == 0 ? handshake_type::client_hello : handshake_type::certificate);
            for (const auto& record : records) (void)peer.feed(record);
        }
        REQUIRE(peer.server->status() == handshake_status::done);
        REQUIRE(client.session.done());
        CHECK(client.session.resumed() == resumed);
        if (!resumed) {
            REQUIRE(certificate.size() > largest - 500);
            REQUIRE(gnutls_session_get_data2(client.session.get(), kept.out()) == 0);
        } else {
            CHECK(hello.size() > largest);  // holds the ticket, which holds the chain
        }
    }
}

TEST_CASE("oversized: a server whose chain is too long for a client gets an alert too")
{
    certificate_spec spec;
    spec.padding = 36'000;
    server_credentials credentials;
    credentials.certificate = make_certificate(spec).in_memory();
    tls_pair pair{{}, {}, tls::make_server_context(credentials, {})};
    pair.deliver_to_server();
    while (!pair.to_client.datagrams.empty() && pair.client->status() == handshake_status::in_progress)
        pair.deliver_to_client();
    CHECK(pair.client->status() == handshake_status::failed);
    CHECK(pair.client->error().value() == GNUTLS_E_HANDSHAKE_TOO_LARGE);
    REQUIRE(pair.to_server.datagrams.size() == 1);
    CHECK(is_decode_error(pair.to_server.datagrams.front()));
}

TEST_CASE("oversized: forged headers do not end the handshake of either side")
{
    const bool of_client = GENERATE(true, false);
    static const auto contexts = with_certificates_both_ways();
    awaited_flight flight{contexts, of_client};
    const octets zeros(1'000);
    for (std::uint16_t seq = 0; seq < 10; ++seq)
        for (int i = 0; i < 3; ++i) {
            const auto fed =
                flight.feed(handshake_record({handshake_type::certificate, 0xffffff, seq, 0, zeros}));
            CHECK_FALSE(fed.consumed);
            CHECK(fed.reason == drop_reason::oversized_handshake);
        }
    CHECK(flight.out->datagrams.empty());
    for (const auto& record : flight.records) CHECK(flight.feed(record).consumed);
    flight.pair.settle();
    CHECK(flight.pair.both_done());
}

TEST_CASE("oversized: a hello above 16 kB gets an alert, and a smaller one does not")
{
    constexpr std::size_t in_a_record = 16'384;
    const auto size = GENERATE(as<std::size_t>{}, 1'200, 9'000, 20'000);
    CAPTURE(size);
    plain_client client{dtls_1_2};
    const auto usual = long_hello(client, 10).size() - 10;
    for (const auto length : {in_a_record, in_a_record + 1}) {
        plain_client talkative{dtls_1_2};
        const auto body = long_hello(talkative, length - usual);
        REQUIRE(body.size() == length);
        const fed_hello hello{body, size};
        if (length > in_a_record) {
            hello.is_told();
        } else {
            CHECK(hello.last.consumed);
            CHECK(hello.server->status() == handshake_status::in_progress);
            CHECK_FALSE(hello.out.datagrams.empty());
        }
    }
}

TEST_CASE("oversized: a hello too large for any ticket gets an alert at its first fragment")
{
    const fed_hello hello{octets(largest + largest / 4 + 1), 1'200};
    CHECK(hello.fragments == 1);
    hello.is_told();
}

TEST_CASE("oversized: a hello above 16 kB with a ticket gets an alert if no ticket can hold a chain")
{
    hello_builder hello;
    hello.extensions = make_extension(35, octets(20'000));
    const fed_hello fed{hello.body(), 1'200};
    CHECK(fed.fragments > 16);
    fed.is_told();
}
