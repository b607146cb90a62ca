#include "tls/fingerprint.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"

#include <functional>
#include <set>
#include <string>

using namespace quivive;
using namespace quivive::test;

namespace {

/// All inputs of a context, each from a file where that is possible.
struct made_of {
    temp_directory directory;
    issued pair = make_certificate();
    server_credentials credentials;
    tls::context_options options{.dtls_1_0 = false, .priority = {}, .alpn = {"coap"}};

    made_of()
    {
        credentials.certificate = {.chain_file = directory.write("chain.pem", pair.certificate),
                                   .key_file = directory.write("key.pem", pair.key),
                                   .chain_pem = {},
                                   .key_pem = {}};
        credentials.psk_file = directory.write("keys.psk", "alice:00ff\n");
        credentials.client_auth = client_certificates::request;
        credentials.client_ca_file = directory.write("ca.pem", pair.certificate);
    }

    [[nodiscard]] std::string fingerprint() const { return tls::fingerprint(credentials, options); }
};

}  // namespace

TEST_CASE("fingerprint: equal inputs have an equal fingerprint of 32 bytes")
{
    const made_of one;
    CHECK(one.fingerprint().size() == 32);
    CHECK(one.fingerprint() == one.fingerprint());
    CHECK(tls::fingerprint({}, {}) == tls::fingerprint({}, {}));
    CHECK(tls::fingerprint({}, {}) != one.fingerprint());
}

TEST_CASE("fingerprint: every input changes it")
{
    using change = std::function<void(made_of&)>;
    const change changes[] = {
        [](auto&) {},
        [](auto& of) { of.options.dtls_1_0 = true; },
        [](auto& of) { of.options.priority = "NORMAL"; },
        [](auto& of) { of.options.alpn = {}; },
        [](auto& of) {
            of.options.alpn = {"co", "ap"};
        },
        [](auto& of) {
            of.options.alpn = {"ap", "co"};
        },
        [](auto& of) {
            of.options.alpn = {"coap", ""};
        },
        [](auto& of) { of.options.alpn_required = false; },
        [](auto& of) { of.options.extended_master_secret_required = true; },
        [](auto& of) { of.options.secure_renegotiation_required = true; },
        [](auto& of) { of.credentials.prefer = credential_preference::psk; },
        [](auto& of) { of.credentials.tickets = false; },
        [](auto& of) { of.credentials.ticket_lifetime = std::chrono::hours{1}; },
        [](auto& of) { of.credentials.client_auth_with_psk = true; },
        [](auto& of) { of.credentials.self_signed_if_none = true; },
        [](auto& of) { of.credentials.client_auth = client_certificates::require; },
        [](auto& of) { of.credentials.client_auth = client_certificates::ignore; },
        [](auto& of) { of.credentials.client_ca_file.clear(); },
        [](auto& of) { of.credentials.psk_file.clear(); },
        [](auto& of) { of.credentials.certificate.reset(); },
        [](auto& of) { of.credentials.certificate = certificate{}; },
        [](auto& of) { of.credentials.certificate = of.pair.in_memory(); },
        [](auto& of) { of.credentials.certificate->chain_pem = "x"; },
        [](auto& of) { of.credentials.certificate->key_pem = "x"; },
        [](auto& of) { of.credentials.certificate->chain_file.swap(of.credentials.certificate->key_file); },
        [](auto& of) { of.credentials.psk_file.swap(of.credentials.client_ca_file); },
    };
    made_of given;
    const auto credentials = given.credentials;
    const auto options = given.options;
    std::set<std::string> seen;
    for (const auto& apply : changes) {
        given.credentials = credentials;
        given.options = options;
        apply(given);
        CHECK(!given.fingerprint().empty());
        seen.insert(given.fingerprint());
    }
    CHECK(seen.size() == std::size(changes));
}

TEST_CASE("fingerprint: it depends on the contents of files and not on their times")
{
    const made_of given;
    const auto before = given.fingerprint();
    for (const auto* file : {"chain.pem", "key.pem", "keys.psk", "ca.pem"}) {
        INFO(file);
        std::ifstream in{given.directory.file(file), std::ios::binary};
        const std::string content{std::istreambuf_iterator<char>{in}, {}};

        (void)given.directory.write(file, content + "\n");
        CHECK(!given.fingerprint().empty());
        CHECK(given.fingerprint() != before);
        (void)given.directory.write(file, content);
        CHECK(given.fingerprint() == before);
    }
}

TEST_CASE("fingerprint: it is empty when a file is unreadable or empty")
{
    const made_of given;
    const auto* file = GENERATE("chain.pem", "key.pem", "keys.psk", "ca.pem");
    (void)given.directory.write(file, "");
    CHECK(given.fingerprint().empty());
    std::filesystem::remove(given.directory.file(file));
    CHECK(given.fingerprint().empty());
    std::filesystem::create_directory(given.directory.file(file));
    CHECK(given.fingerprint().empty());
}

TEST_CASE("fingerprint: it is empty with a callback, whose behaviour cannot be compared")
{
    made_of given;
    given.credentials.psk = [](std::string_view) { return secret::from_hex("00ff"); };
    CHECK(given.fingerprint().empty());
}
