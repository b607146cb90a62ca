#include "support/catch.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include <gnutls/gnutls.h>

using namespace quivive;
using namespace quivive::test;

namespace {

tls::context_options with(keying_options keying, const std::string& priority = {})
{
    return {.dtls_1_0 = false, .priority = priority, .alpn = {}, .keying = std::move(keying)};
}

struct keys {
    std::shared_ptr<const keying_material> of_client, of_server;
};

/// Performs a handshake with attached and with detached records. Detached records do not keep GnuTLS's
/// session, so the keys must outlive it.
keys shake(const tls::context_options& client, const tls::context_options& server)
{
    tls::handshake_settings settings;
    const bool detached = GENERATE(false, true);
    CAPTURE(detached);
    if (detached) settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    tls_pair pair{settings, {}, server_context_with(server), client_context_with(client)};
    pair.finish();
    REQUIRE(pair.both_done());
    const auto clients = pair.client->facts(), servers = pair.server->facts();
    for (auto* each : {pair.client.get(), pair.server.get()})
        CHECK((each->take_protection()->keys() != nullptr) == detached);
    return {clients.keying, servers.keying};
}

constexpr const char* without_extended_master_secret = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:%NO_SESSION_HASH";

}  // namespace

TEST_CASE("RFC 5705: both sides export the same keys, which differ by label and have the requested length")
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
    CHECK(!made.of_server->error);
}

TEST_CASE("RFC 7627 5.4: without an extended master secret no keys are exported, SRTP keys included")
{
    const keying_options wanted{.exporters = {{"EXPERIMENTAL one", 32}},
                                .srtp_profiles = {"SRTP_AES128_CM_HMAC_SHA1_80"}};
    const auto made = shake(with(wanted, without_extended_master_secret), with(wanted));
    REQUIRE(made.of_server);
    REQUIRE(made.of_client);
    for (const auto& each : {made.of_server, made.of_client}) {
        CHECK(each->error == errc::no_extended_master_secret);
        CHECK(each->exported.empty());
        CHECK(each->srtp_profile.empty());
        CHECK(each->srtp_keys.bytes().empty());
    }
}

TEST_CASE("RFC 5764: the server's order selects the SRTP profile, and both sides have the same keys")
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

TEST_CASE("keying: without options no keys are exported")
{
    const auto made = shake(with({}), with({}));
    CHECK(!made.of_client);
    CHECK(!made.of_server);
}

std::vector<std::string> problems_of(const keying_options& wanted)
{
    try {
        (void)server_context_with(with(wanted));
        return {};
    } catch (const config_error& error) {
        return error.problems();
    }
}

TEST_CASE("keying: all invalid labels, lengths and profiles are reported")
{
    const keying_options wrong{.exporters = {{"", 32}, {"EXPERIMENTAL", 0}, {std::string(250, 'x'), 2'000}},
                               .srtp_profiles = {"SRTP_NONSENSE"}};
    CHECK(problems_of(wrong).size() == 5);
}

TEST_CASE("RFC 5705 4, RFC 7627 4: labels used by TLS itself are refused by name")
{
    const std::string label = GENERATE("client finished", "server finished", "master secret", "key expansion",
                                       "extended master secret");
    const auto problems = problems_of({.exporters = {{label, 32}}, .srtp_profiles = {}});
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find('"' + label + '"') != std::string::npos);
    CHECK(problems_of({.exporters = {{label + " ", 32}}, .srtp_profiles = {}}).empty());
}

TEST_CASE("RFC 5764 4.1.2: GnuTLS supports each profile that the header and the error name")
{
    for (const auto* name : {"SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_32"})
        CHECK(problems_of({.exporters = {}, .srtp_profiles = {name}}).empty());
}

TEST_CASE("RFC 7714: AEAD profiles depend on the running GnuTLS, and the error lists the supported profiles")
{
    const auto unknown = problems_of({.exporters = {}, .srtp_profiles = {"SRTP_NO_SUCH_PROFILE"}});
    REQUIRE(unknown.size() == 1);
    CHECK_THAT(unknown[0],
               test::has_part("it knows SRTP_AES128_CM_HMAC_SHA1_80, SRTP_AES128_CM_HMAC_SHA1_32"));
    for (const std::string name : {"SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM"}) {
        const bool known = unknown[0].find(name) != std::string::npos;
        CHECK(problems_of({.exporters = {}, .srtp_profiles = {name}}).empty() == known);
        if (gnutls_check_version("3.8.9")) CHECK(known);
    }
}
