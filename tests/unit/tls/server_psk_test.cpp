#include "tls/server_context.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "support/temp_directory.hpp"
#include "unit/tls/server_meeting.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace quivive;
using namespace quivive::tls;
using namespace quivive::test;
using namespace std::literals;

TEST_CASE("PSK and ECDHE-PSK work with the keys of a file")
{
    const temp_directory directory;
    server_credentials credentials;
    credentials.psk_file = directory.write("keys.psk", "alice:00ff\nbob:0102\n");
    for (const auto* priority : {psk_suites, ecdhe_psk_suites}) {
        plain_client client{priority};
        client.psk("bob", "\x01\x02");
        const meeting met{credentials, client.session};
        CHECK(met.server.done());
        CHECK(client.session.done());
        CHECK(gnutls_psk_server_get_username(met.server.get()) == "bob"s);
        CHECK(met.shared->pin().empty());
    }
}

TEST_CASE("The PSK file is searched first, and the callback is called for other identities")
{
    const temp_directory directory;
    auto credentials = with_psk("carol", "0a");
    credentials.psk_file = directory.write("keys.psk", "alice:00ff\n");
    int asked = 0;
    credentials.psk = [&asked, lookup = credentials.psk](std::string_view identity) {
        ++asked;
        return lookup(identity);
    };
    plain_client alice{psk_suites}, carol{psk_suites};
    CHECK(meeting{credentials, alice.psk("alice", "\x00\xff"sv).session}.server.done());
    CHECK(asked == 0);
    CHECK(meeting{credentials, carol.psk("carol", "\x0a").session}.server.done());
    CHECK(asked == 1);
}

TEST_CASE("RFC 4279 2: an unknown identity has the same effect as a wrong key: no answer and no alert")
{
    const auto talk = [](std::string_view identity, std::string_view key) {
        plain_client client{psk_suites};
        const meeting met{with_psk("alice", "00ff"), client.psk(identity, key).session};
        CHECK(met.server.code() == GNUTLS_E_AGAIN);
        CHECK(client.session.code() == GNUTLS_E_AGAIN);
        std::vector<std::size_t> sizes;
        for (const auto& datagram : met.server.sent) {
            CHECK(!is_alert(datagram));
            sizes.push_back(datagram.size());
        }
        return sizes;
    };
    const auto wrong_key = talk("alice", "\x01\x02");
    CHECK(talk("nobody", "\x01\x02") == wrong_key);
    CHECK(talk("nobody", "\x00\xff"sv) == wrong_key);
    CHECK(wrong_key.size() == 2);  // ServerHello, ServerHelloDone
}

TEST_CASE("A look-up that throws or returns an empty key counts as an unknown identity")
{
    server_credentials credentials;
    credentials.psk = [](std::string_view identity) -> std::optional<secret> {
        if (identity == "throws") throw std::runtime_error{"the database is gone"};
        if (identity == "odd") throw 42;
        return secret{};
    };
    for (const auto* identity : {"throws", "odd", "empty"}) {
        plain_client client{psk_suites};
        const meeting met{credentials, client.psk(identity, "k").session};
        CHECK(met.server.code() == GNUTLS_E_AGAIN);
        CHECK(met.server.sent.size() == 2);
    }
}

TEST_CASE("An identity with a NUL is not looked up, since it could be truncated to another identity")
{
    auto credentials = with_psk("alice", "00ff");
    int asked = 0;
    credentials.psk = [&asked](std::string_view) {
        ++asked;
        return secret::from_hex("00ff");
    };
    plain_client cut{psk_suites}, whole{psk_suites};
    CHECK(!meeting{credentials, cut.psk("alice\0x"sv, "\x00\xff"sv).session}.server.done());
    CHECK(asked == 0);
    CHECK(meeting{credentials, whole.psk(std::string(128, 'i'), "\x00\xff"sv).session}.server.done());
    CHECK(asked == 1);
}

TEST_CASE("DHE-PSK works for clients that name no group if the priority string has it (RFC 7919 4)")
{
    constexpr auto dhe_psk = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+DHE-PSK";
    plain_client client{std::string{dhe_psk} + ":-GROUP-ALL:+GROUP-SECP256R1"};
    const meeting met{with_psk("alice", "00ff"),
                      client.psk("alice", "\x00\xff"sv).session,
                      {.dtls_1_0 = false, .priority = dhe_psk, .alpn = {}}};
    CHECK(met.server.done());
    CHECK(client.session.done());
}
