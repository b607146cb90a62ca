#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/hello_builder.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_pair.hpp"
#include "unit/tls/server_meeting.hpp"
#include "wire/client_hello.hpp"

#include <string>
#include <variant>

using namespace quivive;
using namespace quivive::test;

namespace {

wire::client_hello_view read(wire::bytes record)
{
    return std::get<wire::client_hello_view>(wire::read_client_hello(wire::first_record(record).value()));
}

std::shared_ptr<const tls::context> server_with(const certificate& shown, bool tickets = false,
                                                const std::string& psk_file = {})
{
    server_credentials credentials;
    credentials.certificate = shown;
    credentials.tickets = tickets;
    credentials.psk_file = psk_file;
    return tls::make_server_context(credentials, {});
}

/// Returns a leaf with a key of this type and its chain: the intermediate certificate and the root.
certificate chain_of_three(key_type leaf)
{
    const auto root = make_ca("root");
    certificate_spec middle, last;
    middle.name = "middle";
    middle.is_ca = true;
    last.key = leaf;
    const auto issuer = make_certificate(root, middle);
    return make_certificate(issuer, last).in_memory(issuer.certificate + root.certificate);
}

/// Sizes of a server's answer to the ClientHello of a quivive client: the forecast and the real one.
struct first_flight {
    std::size_t expected = 0, real = 0, datagrams = 0;

    explicit first_flight(const std::shared_ptr<const tls::context>& server,
                          tls::handshake_settings settings = {})
    {
        tls_pair pair{settings, {}, server};
        REQUIRE(pair.to_server.datagrams.size() == 1);
        expected = server->min_response_size(read(pair.to_server.datagrams.front()));
        pair.deliver_to_server();
        datagrams = pair.to_client.datagrams.size();
        for (const auto& datagram : pair.to_client.datagrams) real += datagram.size();
    }
};

octets suites(std::initializer_list<int> bytes) { return make_octets(bytes); }

octets ticket_of(std::size_t size) { return make_extension(35, counting(size)); }

}  // namespace

TEST_CASE("min_response_size: it is at most the size of the real flight and close to it")
{
    const auto type = GENERATE(key_type::p256, key_type::rsa, key_type::ed25519);
    certificate_spec spec;
    spec.key = type;
    for (const auto& shown : {make_certificate(spec).in_memory(), chain_of_three(type)}) {
        const first_flight flight{server_with(shown)};
        CHECK(flight.expected > 0);
        CHECK(flight.expected <= flight.real);
        // The forecast omits extensions and the ServerKeyExchange, whose signature has up to 256 bytes.
        CHECK(flight.real - flight.expected < 600);
    }
}

TEST_CASE("min_response_size: fragmentation of a flight adds to the real size only")
{
    tls::handshake_settings small;
    small.handshake_mtu = 256;
    const auto server = server_with(chain_of_three(key_type::rsa));
    const first_flight flight{server, small}, usual{server};
    CHECK(flight.datagrams > usual.datagrams);
    CHECK(flight.expected == usual.expected);
    CHECK(flight.expected <= flight.real);
}

TEST_CASE("min_response_size: each certificate of the chain counts")
{
    const auto chain = chain_of_three(key_type::p256);
    const auto hello = hello_builder{}.record();
    const auto alone = make_certificate().in_memory();
    CHECK(server_with(chain)->min_response_size(read(hello)) >
          2 * server_with(alone)->min_response_size(read(hello)));
}

TEST_CASE("min_response_size: it is zero for a hello with a ticket if the server issues tickets")
{
    const auto shown = make_certificate().in_memory();
    const auto with = server_with(shown, true), without = server_with(shown, false);
    hello_builder hello;
    hello.extensions = ticket_of(0);  // requests a ticket
    CHECK(with->min_response_size(read(hello.record())) == without->min_response_size(read(hello.record())));
    CHECK(with->min_response_size(read(hello.record())) > 0);
    hello.extensions = ticket_of(160);
    CHECK(with->min_response_size(read(hello.record())) == 0);
    CHECK(without->min_response_size(read(hello.record())) > 0);
}

TEST_CASE("min_response_size: it allows for the short answer to a valid ticket")
{
    const auto server = server_with(make_certificate().in_memory(), true);
    plain_client first{dtls_1_2}, second{dtls_1_2};
    const meeting met{server, first.session};
    REQUIRE(first.session.done());
    tls::datum session;
    tls::check(gnutls_session_get_data2(first.session.get(), session.out()), "gnutls_session_get_data2");
    tls::check(gnutls_session_set_data(second.session.get(), session.get().data, session.get().size),
               "gnutls_session_set_data");
    const meeting again{server, second.session};
    REQUIRE(again.server.resumed());
    const auto expected = [&](const plain_client& client) {
        return server->min_response_size(read(std::as_bytes(std::span{client.session.sent.front()})));
    };
    CHECK(expected(second) == 0);
    CHECK(expected(first) > again.server.sent.front().size());
}

TEST_CASE("min_response_size: it is zero for a hello with a PSK suite if the server has PSKs")
{
    const temp_directory directory;
    const auto file = directory.write("keys.psk", "alice:00ff\n");
    const auto shown = make_certificate().in_memory();
    const auto both = server_with(shown, false, file), one = server_with(shown);
    hello_builder hello;
    CHECK(both->min_response_size(read(hello.record())) == one->min_response_size(read(hello.record())));
    CHECK(both->min_response_size(read(hello.record())) > 0);
    // TLS_PSK_WITH_AES_128_GCM_SHA256, TLS_PSK_WITH_AES_128_CCM_8,
    // TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
    for (const auto& psk : {suites({0x00, 0xa8}), suites({0xc0, 0xa8}), suites({0xcc, 0xac})}) {
        hello.suites = suites({0xc0, 0x2b}) + psk;
        CHECK(both->min_response_size(read(hello.record())) == 0);
        CHECK(one->min_response_size(read(hello.record())) > 0);
    }
}

TEST_CASE("min_response_size: it is zero for a server with PSKs only")
{
    const auto server = tls::make_server_context(with_psk("alice", "00ff"), {});
    CHECK(server->min_response_size(read(hello_builder{}.record())) == 0);
}

TEST_CASE("min_response_size: it is zero for a fragment that may lack a ticket or a PSK suite")
{
    const temp_directory directory;
    const auto server =
        server_with(make_certificate().in_memory(), true, directory.write("keys.psk", "alice:00ff\n"));
    hello_builder hello;
    hello.suites = suites({0x00, 0xa8});
    hello.extensions = ticket_of(160);
    constexpr std::size_t up_to_cookie = 2 + 32 + 1 + 1;
    for (auto cut = up_to_cookie; cut <= hello.body().size(); ++cut)
        CHECK(server->min_response_size(read(hello.fragment(0, cut))) == 0);
}
