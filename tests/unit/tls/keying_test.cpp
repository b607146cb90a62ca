#include "support/catch.hpp"
#include "support/tls_pair.hpp"

#include <gnutls/gnutls.h>

using namespace quivive;
using namespace quivive::test;

namespace {

tls::context_options with(keying_options keying, const std::string& priority = {})
{
    return {.dtls_1_0 = false, .priority = priority, .alpn = {}, .keying = std::move(keying)};
}

std::shared_ptr<const tls::context> server_of(const tls::context_options& options)
{
    server_credentials credentials;
    credentials.self_signed_if_none = true;
    return tls::make_server_context(credentials, options);
}

std::shared_ptr<const tls::context> client_of(const tls::context_options& options)
{
    client_credentials credentials;
    credentials.insecure = true;
    return tls::make_client_context(credentials, options);
}

struct keys {
    std::shared_ptr<const keying_material> of_client, of_server;
};

keys shake(const tls::context_options& client, const tls::context_options& server)
{
    tls_pair pair{{}, {}, server_of(server), client_of(client)};
    pair.finish();
    REQUIRE(pair.both_done());
    return {pair.client->facts().keying, pair.server->facts().keying};
}

}  // namespace

TEST_CASE("RFC 5705: both sides export the same keys, another for each label, as long as was asked for")
{
    const keying_options wanted{.exporters = {{"EXPERIMENTAL one", 32}, {"EXPERIMENTAL two", 100}},
                                .srtp_profiles = {}};
    const auto made = shake(with(wanted), with(wanted));
    REQUIRE(made.of_client);
    REQUIRE(made.of_server);
    REQUIRE(made.of_server->exported.size() == 2);
    CHECK(made.of_server->exported[0].bytes().size() == 32);
    CHECK(made.of_server->exported[1].bytes().size() == 100);
    CHECK(made.of_client->exported[0].bytes() == made.of_server->exported[0].bytes());
    CHECK(made.of_client->exported[1].bytes() == made.of_server->exported[1].bytes());
    CHECK(!std::ranges::equal(made.of_server->exported[0].bytes(),
                              std::span{made.of_server->exported[1].bytes()}.first(32)));
    CHECK(made.of_server->srtp_profile.empty());
}

TEST_CASE("RFC 7627 5.4: without an extended master secret nothing is exported")
{
    const keying_options wanted{.exporters = {{"EXPERIMENTAL one", 32}}, .srtp_profiles = {}};
    const auto made = shake(with(wanted, "NORMAL:-VERS-ALL:+VERS-DTLS1.2:%NO_SESSION_HASH"), with(wanted));
    REQUIRE(made.of_server);
    CHECK(made.of_server->exported.empty());
}

TEST_CASE(
    "RFC 5764: an SRTP profile is agreed on by the server's order and its keys are the same on both sides")
{
    const keying_options clients{.exporters = {}, .srtp_profiles = {"SRTP_AES128_CM_HMAC_SHA1_80"}};
    const keying_options servers{
        .exporters = {}, .srtp_profiles = {"SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_32"}};
    const auto made = shake(with(clients), with(servers));
    REQUIRE(made.of_server);
    REQUIRE(made.of_client);
    CHECK(made.of_server->srtp_profile == "SRTP_AES128_CM_HMAC_SHA1_80");
    CHECK(made.of_server->srtp_keys.bytes().size() == 2 * (16 + 14));
    CHECK(made.of_client->srtp_keys.bytes() == made.of_server->srtp_keys.bytes());
}

TEST_CASE("keying: what nobody wants is not made")
{
    const auto made = shake(with({}), with({}));
    CHECK(!made.of_client);
    CHECK(!made.of_server);
}

TEST_CASE("keying: labels, lengths and profiles that cannot be are all told")
{
    const keying_options wrong{.exporters = {{"", 32}, {"EXPERIMENTAL", 0}, {std::string(250, 'x'), 2'000}},
                               .srtp_profiles = {"SRTP_NONSENSE"}};
    try {
        (void)server_of(with(wrong));
        FAIL("was taken");
    } catch (const config_error& error) {
        CHECK(error.problems().size() == 5);
    }
}
