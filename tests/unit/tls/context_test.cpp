#include "tls/context.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"

#include <string>
#include <vector>

#include "quivive/error.hpp"

using namespace quivive;
using namespace quivive::tls;

namespace {

using problems = std::vector<std::string>;

problems problems_of(const server_credentials& credentials, const context_options& options = {})
{
    try {
        (void)make_server_context(credentials, options);
        return {};
    } catch (const config_error& e) {
        return e.problems();
    }
}

problems problems_of(const client_credentials& credentials, const context_options& options = {})
{
    try {
        (void)make_client_context(credentials, options);
        return {};
    } catch (const config_error& e) {
        return e.problems();
    }
}

server_credentials good_server()
{
    server_credentials credentials;
    credentials.self_signed_if_none = true;
    return credentials;
}

client_credentials good_client()
{
    client_credentials credentials;
    credentials.insecure = true;
    return credentials;
}

context_options with_alpn(std::vector<std::string> names)
{
    return {.dtls_1_0 = false, .priority = {}, .alpn = std::move(names)};
}

}  // namespace

TEST_CASE("A server without certificate and PSK is refused, and the error lists the options")
{
    CHECK(problems_of(server_credentials{}) ==
          problems{"credentials: a server needs a certificate with its key, or PSKs (psk_file)"});
    CHECK(problems_of(good_server()).empty());
}

TEST_CASE("All problems of a server are reported in one exception")
{
    const test::temp_directory directory;
    auto pair = test::make_certificate();
    pair.key = test::make_certificate().key;
    server_credentials credentials;
    credentials.certificate = pair.in_memory();
    credentials.psk_file = directory.write("keys.psk", "alice\nbob:xyz\n");
    credentials.client_auth = client_certificates::require;
    credentials.client_ca_file = directory.file("ca.pem");
    const auto found = problems_of(credentials, {.dtls_1_0 = false, .priority = "NORMAL:+FOO", .alpn = {""}});
    REQUIRE(found.size() == 7);
    CHECK(found[0].find("is not the key of the certificate") != std::string::npos);
    CHECK(found[1].find("keys.psk:1: ") != std::string::npos);
    CHECK(found[2].find("keys.psk:2: ") != std::string::npos);
    CHECK(found[3].find("credentials.client_auth: is \"require\", but ") == 0);
    CHECK(found[4] == directory.file("ca.pem") + ": cannot be read: No such file or directory");
    CHECK(found[5].find("alpn: ") == 0);
    CHECK(found[6].find("priority \"NORMAL:+FOO\": ") == 0);
}

TEST_CASE("Client certificates need a CA to verify them and a certificate of the server")
{
    auto credentials = good_server();
    credentials.client_auth = client_certificates::request;
    CHECK(problems_of(credentials) ==
          problems{
              "client_auth: requests client certificates; client_ca_file must name the trusted authorities"});

    const test::temp_directory directory;
    server_credentials by_psk;
    by_psk.psk = [](std::string_view) { return secret::from_hex("00"); };
    by_psk.client_auth = client_certificates::require;
    by_psk.client_ca_file = directory.write("ca.pem", test::make_ca().certificate);
    CHECK(problems_of(by_psk) ==
          problems{"client_auth: only a server with a certificate can request one (RFC 5246 7.4.4)"});
}

TEST_CASE("Required client certificates and PSKs exclude each other unless explicitly combined")
{
    const test::temp_directory directory;
    server_credentials credentials;
    credentials.certificate = test::make_certificate().in_memory();
    credentials.client_auth = client_certificates::require;
    credentials.client_ca_file = directory.write("ca.pem", test::make_ca().certificate);
    CHECK(problems_of(credentials).empty());

    const problems refused{
        "credentials.client_auth: is \"require\", but clients with a PSK get in without a certificate "
        "(RFC 4279 2); leave psk_file or the look-up out, or allow that by client_auth_with_psk = true"};
    auto by_file = credentials, by_lookup = credentials;
    by_file.psk_file = directory.write("keys.psk", "alice:00ff\n");
    by_lookup.psk = [](std::string_view) { return secret::from_hex("00"); };
    for (auto* const with : {&by_file, &by_lookup}) {
        CHECK(problems_of(*with) == refused);
        with->client_auth = client_certificates::request;
        CHECK(problems_of(*with).empty());
        with->client_auth = client_certificates::require;
        with->client_auth_with_psk = true;
        CHECK(problems_of(*with).empty());
    }
}

TEST_CASE("A CA for client certificates that are not requested is refused")
{
    const test::temp_directory directory;
    auto credentials = good_server();
    credentials.client_ca_file = directory.write("ca.pem", test::make_ca().certificate);
    CHECK(problems_of(credentials) ==
          problems{"client_ca_file: has no effect while client_auth is ignore; "
                   "set client_auth to request or require, or remove client_ca_file"});
}

TEST_CASE("ALPN names have 1 to 31 bytes, and at most 8 are allowed")
{
    const std::vector<std::string> eight(8, std::string(31, 'n'));
    CHECK(problems_of(good_server(), with_alpn(eight)).empty());
    CHECK(problems_of(good_client(), with_alpn(eight)).empty());
    CHECK(problems_of(good_server(), with_alpn(std::vector<std::string>(9, "n"))) ==
          problems{"alpn: 9 protocols; GnuTLS takes at most 8"});
    CHECK(problems_of(good_client(), with_alpn({std::string(32, 'n'), ""})).size() == 2);
}

TEST_CASE("A priority string that GnuTLS refuses is refused for servers and for clients")
{
    const context_options options{.dtls_1_0 = false, .priority = "SECURE:%NONSENSE", .alpn = {}};
    CHECK(problems_of(good_server(), options).size() == 1);
    CHECK(problems_of(good_client(), options).size() == 1);
}

TEST_CASE("A client needs exactly one way to authenticate its server, unless it has a PSK")
{
    CHECK(problems_of(client_credentials{}) ==
          problems{"credentials: a client must know its server; give ca_file, pin or a PSK (or insecure)"});
    auto credentials = good_client();
    CHECK(problems_of(credentials).empty());
    credentials.pin = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    CHECK(problems_of(credentials) ==
          problems{"credentials: ca_file, pin and insecure exclude each other; give one"});
    credentials.insecure = false;
    CHECK(problems_of(credentials).empty());
    credentials.pin = "sha256:AAAA";
    CHECK(problems_of(credentials) ==
          problems{"pin: \"sha256:AAAA\": expected sha256: and 44 characters of base64"});
}

TEST_CASE("A client's PSK needs a key and an identity of up to 128 bytes without a NUL")
{
    client_credentials credentials;
    credentials.psk_identity = "alice";
    CHECK(problems_of(credentials) == problems{"psk_key: is missing for the psk_identity"});
    credentials.psk_key = *secret::from_hex("00ff");
    CHECK(problems_of(credentials).empty());
    credentials.psk_identity.clear();
    CHECK(problems_of(credentials) == problems{"psk_identity: is missing for the psk_key"});
    credentials.psk_identity = std::string(128, 'i');
    CHECK(problems_of(credentials).empty());
    credentials.psk_identity += 'i';
    CHECK(problems_of(credentials) == problems{"psk_identity: is longer than 128 bytes"});
    credentials.psk_identity = std::string{"a\0b", 3};
    CHECK(problems_of(credentials) == problems{"psk_identity: has a NUL"});
}

TEST_CASE("A client's certificate is refused if only PSK suites can be negotiated")
{
    client_credentials credentials;
    credentials.psk_identity = "alice";
    credentials.psk_key = *secret::from_hex("00ff");
    credentials.certificate = test::make_certificate().in_memory();
    CHECK(problems_of(credentials) ==
          problems{
              "certificate: has no effect while a PSK alone verifies the server; give ca_file or pin too"});
    credentials.insecure = true;
    CHECK(problems_of(credentials).empty());
}

TEST_CASE("An unreadable CA file and a server name that GnuTLS refuses are reported")
{
    const test::temp_directory directory;
    client_credentials credentials;
    credentials.ca_file = directory.file("none.pem");
    CHECK(problems_of(credentials) ==
          problems{directory.file("none.pem") + ": cannot be read: No such file or directory"});

    auto named = good_client();
    named.server_name = std::string(300, 'n');
    const auto found = problems_of(named);
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("GnuTLS refuses the configuration: gnutls_server_name_set") == 0);
}
