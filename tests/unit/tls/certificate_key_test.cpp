#include "support/catch.hpp"
#include "support/text.hpp"
#include "tls/context.hpp"
#include "unit/tls/server_meeting.hpp"

#include <string>
#include <vector>

using namespace quivive;
using namespace quivive::test;

namespace {

std::vector<std::string> warnings_for(key_type key, const std::string& priority = {})
{
    return tls::make_server_context(with_certificate(key),
                                    {.dtls_1_0 = false, .priority = priority, .alpn = {}})
        ->warnings();
}

}  // namespace

TEST_CASE("A key type that every client supports causes no warning")
{
    CHECK(warnings_for(key_type::p256).empty());
    CHECK(warnings_for(key_type::p384).empty());
    CHECK(tls::make_server_context(with_psk("alice", "00ff"), {})->warnings().empty());
}

TEST_CASE("A key type that common clients do not support causes a warning with their names")
{
    const auto ed25519 = warnings_for(key_type::ed25519);
    REQUIRE(ed25519.size() == 1);
    for (const auto* word : {"Ed25519", "Mbed TLS 3.6", "Botan 2", "werift"}) CHECK(has(ed25519[0], word));

    const auto rsa = warnings_for(key_type::rsa);
    REQUIRE(rsa.size() == 1);
    CHECK(has(rsa[0], "ten times"));

    const auto rsa_pss = warnings_for(key_type::rsa_pss);
    REQUIRE(rsa_pss.size() == 2);
    for (const auto* word : {"RSA-PSS", "Mbed TLS 3.6", "Botan 2", "werift", "wolfSSL 5.5", "pion"})
        CHECK(has(rsa_pss[1], word));
}

TEST_CASE("A key whose signature algorithm the priorities lack causes a warning that it serves no client")
{
    const auto ed448 = warnings_for(key_type::ed448);
    REQUIRE(ed448.size() == 1);
    for (const auto* word : {"Ed448", "no client", "+SIGN-EdDSA-Ed448"}) CHECK(has(ed448[0], word));
    CHECK(warnings_for(key_type::ed448, std::string{dtls_1_2} + ":+SIGN-EDDSA-ED448").empty());

    const auto p256 = warnings_for(key_type::p256, std::string{dtls_1_2} + ":-SIGN-ALL:+SIGN-RSA-SHA256");
    REQUIRE(p256.size() == 1);
    CHECK(has(p256[0], "no client"));
}

TEST_CASE("An Ed448 key serves a client only with its signature algorithm in the priorities")
{
    const auto priority = std::string{dtls_1_2} + ":+SIGN-EDDSA-ED448";
    plain_client refused{priority}, served{priority};
    CHECK_FALSE(meeting{with_certificate(key_type::ed448), refused.session}.server.done());
    CHECK(meeting{with_certificate(key_type::ed448),
                  served.session,
                  {.dtls_1_0 = false, .priority = priority, .alpn = {}}}
              .server.done());
}
