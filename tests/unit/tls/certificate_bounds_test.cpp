#include "tls/certificate_bounds.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/hello_builder.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_pair.hpp"
#include "tls/handles.hpp"

#include <gnutls/x509.h>

#include <array>
#include <functional>
#include <string>

using namespace quivive;
using namespace quivive::test;
using tls::certificate_fault;
using tls::check_bounds;

namespace {

/// Returns one DER element.
octets der_element(int tag, const octets& content)
{
    octets made{static_cast<std::byte>(tag)};
    const auto size = content.size();
    if (size >= 0x80) made.push_back(std::byte{0x82});
    if (size >= 0x80) made.push_back(static_cast<std::byte>(size >> 8));
    made.push_back(static_cast<std::byte>(size));
    made.insert(made.end(), content.begin(), content.end());
    return made;
}

octets times_over(std::size_t times, const octets& what)
{
    octets all;
    for (std::size_t i = 0; i < times; ++i) all.insert(all.end(), what.begin(), what.end());
    return all;
}

octets chain_message(const std::vector<octets>& certificates)
{
    const auto with_length = [](const octets& of) {
        octets made(3);
        wire::write_integer(made, of.size());
        return made + of;
    };
    octets list;
    for (const auto& each : certificates) list = list + with_length(each);
    return with_length(list);
}

/// Returns an extension of this id with `what` as its content, and nothing else.
octets with_extension(int id, const octets& what)
{
    const octets oid{std::byte{0x55}, std::byte{0x1d}, static_cast<std::byte>(id)};
    return der_element(0x30, der_element(0x06, oid) + der_element(0x04, what));
}

octets names_of(std::size_t count) { return times_over(count, der_element(0x82, octets(9))); }

octets with_names(std::size_t count) { return with_extension(17, der_element(0x30, names_of(count))); }

/// Returns a name that is opaque to libtasn1 (`otherName` of RFC 5280 4.2.1.6): an id and any element.
octets other_name(const octets& value)
{
    return der_element(0xa0, der_element(0x06, make_octets({0x2a, 0x03})) + der_element(0xa0, value));
}

/// Returns an RSA key that is too long; `sequence_of` encodes its two numbers as a sequence.
octets with_long_key(const std::function<octets(const octets&)>& sequence_of, int unused_bits = 0)
{
    const auto number = [](std::size_t bits) { return der_element(0x02, octets(bits / 8 + 1)); };
    return der_element(0x30, der_element(0x03, octets(1, static_cast<std::byte>(unused_bits)) +
                                                   sequence_of(number(16'384) + number(16'384))));
}

octets with_rsa_key(std::size_t modulus_bits, std::size_t exponent_bits)
{
    const auto number = [](std::size_t bits) { return der_element(0x02, octets(bits / 8 + 1)); };
    return der_element(
        0x30, der_element(0x03, octets(1) + der_element(0x30, number(modulus_bits) + number(exponent_bits))));
}

octets binary_form(const std::string& pem)
{
    tls::datum made;
    const auto text = tls::as_datum(pem);
    REQUIRE(gnutls_pem_base64_decode2("CERTIFICATE", &text, made.out()) == 0);
    return {made.bytes().begin(), made.bytes().end()};
}

}  // namespace

TEST_CASE("certificate bounds: chains in the usual form of authorities are within the bounds")
{
    std::vector<octets> chain;
    for (const auto key : {key_type::p256, key_type::rsa, key_type::rsa_pss, key_type::ed25519}) {
        certificate_spec spec;
        spec.key = key;
        spec.purpose = GNUTLS_KP_TLS_WWW_CLIENT;
        spec.padding = 2'000;
        spec.dns_names.assign(100, "a-device.of-a-fleet.example.org");
        chain.push_back(binary_form(make_certificate(spec).certificate));
        CHECK_FALSE(check_bounds(chain_message(chain)));
    }
    CHECK_FALSE(check_bounds(chain_message({})));
}

TEST_CASE("certificate bounds: the names of all certificates together are limited")
{
    CHECK_FALSE(check_bounds(chain_message({with_names(511)})));
    CHECK(check_bounds(chain_message({with_names(512)})) == certificate_fault::too_large);
    CHECK_FALSE(check_bounds(chain_message({with_names(255), with_names(255)})));
    CHECK(check_bounds(chain_message({with_names(256), with_names(255)})) == certificate_fault::too_large);
    // The content after the names does not matter.
    const auto trailing =
        with_extension(17, der_element(0x30, times_over(600, der_element(0x82, octets(1)))) + octets(3));
    CHECK(check_bounds(chain_message({trailing})) == certificate_fault::too_large);
}

TEST_CASE("certificate bounds: the number of elements outside of extensions is limited")
{
    const auto many = [](std::size_t count) {
        return der_element(0x30, times_over(count - 1, der_element(0x31, {})));
    };
    CHECK_FALSE(check_bounds(chain_message({many(1'024)})));
    CHECK(check_bounds(chain_message({many(1'025)})) == certificate_fault::too_large);
}

TEST_CASE("certificate bounds: the nesting depth of elements is limited")
{
    const auto nested = [](int times) {
        octets made;
        for (int i = 0; i < times; ++i) made = der_element(0x30, made);
        return made;
    };
    CHECK_FALSE(check_bounds(chain_message({nested(32)})));
    CHECK(check_bounds(chain_message({nested(33)})) == certificate_fault::too_large);
    CHECK(check_bounds(chain_message({nested(2'000)})) == certificate_fault::too_large);
    CHECK_FALSE(check_bounds(chain_message({with_extension(17, nested(32))})));
    CHECK(check_bounds(chain_message({with_extension(17, nested(33))})) == certificate_fault::too_large);
}

TEST_CASE("certificate bounds: an element that reaches beyond its parent makes the certificate unreadable")
{
    // libtasn1 treats the value of a name as opaque bytes, whatever length it claims, and continues after it.
    const auto rest = times_over(1'500, der_element(0x31, {}));
    auto swallowing = make_octets({0x30, 0x06, 0x04, 0x84, 0, 0});
    swallowing.push_back(static_cast<std::byte>(rest.size() >> 8));
    swallowing.push_back(static_cast<std::byte>(rest.size()));
    const auto certificate = der_element(0x30, swallowing + rest);
    CHECK(check_bounds(chain_message({certificate})) == certificate_fault::unreadable);

    // Readable names may follow an unreadable one.
    for (const auto& value : {make_octets({0x30, 0x03, 0x04, 0x7f, 0x00}), make_octets({0x30, 0x01, 0x30}),
                              make_octets({0x30, 0x80, 0x00, 0x00}), make_octets({0x24, 0x02, 0x04, 0x00}),
                              make_octets({0x30, 0x03, 0x1f, 0x04, 0x00})}) {
        CAPTURE(value.size());
        const auto names = der_element(0x30, other_name(value) + names_of(600));
        CHECK(check_bounds(chain_message({with_extension(17, names)})) == certificate_fault::unreadable);
        const auto attribute = der_element(0x30, value);
        CHECK(check_bounds(chain_message({attribute})) == certificate_fault::unreadable);
    }
    const auto long_tag = make_octets({0x30, 0x04, 0x9f, 0x81, 0x01, 0x00});
    const auto with_long_tag = [&](std::size_t count) {
        return with_extension(17, der_element(0x30, other_name(long_tag) + names_of(count)));
    };
    CHECK_FALSE(check_bounds(chain_message({with_long_tag(506)})));
    CHECK(check_bounds(chain_message({with_long_tag(507)})) == certificate_fault::too_large);
    CHECK_FALSE(check_bounds(chain_message({der_element(0x30, long_tag)})));
}

TEST_CASE("certificate bounds: only the extensions that are read must be valid DER")
{
    const auto private_id = der_element(0x06, make_octets({0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a}));
    const octets text(70, std::byte{'0'});  // starts like a sequence
    CHECK_FALSE(check_bounds(chain_message({der_element(0x30, private_id + der_element(0x04, text))})));
    CHECK(check_bounds(chain_message({with_extension(17, text)})) == certificate_fault::unreadable);
    // libtasn1 also accepts a sequence whose tag has a form that DER forbids.
    auto names = der_element(0x30, names_of(600));
    names.front() = std::byte{0x3f};
    names.insert(names.begin() + 1, std::byte{0x10});
    CHECK(check_bounds(chain_message({with_extension(17, names)})) == certificate_fault::unreadable);
}

TEST_CASE(
    "certificate bounds: the number of key purposes is limited, since GnuTLS reads all of them for each")
{
    const auto with_purposes = [](std::size_t count) {
        return with_extension(37, der_element(0x30, times_over(count, der_element(0x06, octets(8)))));
    };
    CHECK_FALSE(check_bounds(chain_message({with_purposes(32)})));
    CHECK(check_bounds(chain_message({with_purposes(33)})) == certificate_fault::too_large);
}

TEST_CASE("certificate bounds: the size of keys is limited")
{
    CHECK_FALSE(check_bounds(chain_message({with_rsa_key(8'192, 256)})));
    CHECK(check_bounds(chain_message({with_rsa_key(8'200, 16)})) == certificate_fault::too_large);
    CHECK(check_bounds(chain_message({with_rsa_key(2'048, 264)})) == certificate_fault::too_large);
    CHECK_FALSE(check_bounds(chain_message({with_rsa_key(520, 520)})));  // a signature of P-521
    const auto prime = der_element(0x30, der_element(0x02, octets(2'000)));
    CHECK(check_bounds(chain_message({prime})) == certificate_fault::too_large);
    CHECK(check_bounds(chain_message({with_rsa_key(520, 16'384)})) == certificate_fault::too_large);
}

TEST_CASE("certificate bounds: a key is found in every encoding that libtasn1 accepts")
{
    const auto whole = [](const octets& numbers) { return der_element(0x30, numbers); };
    CHECK(check_bounds(chain_message({with_long_key(whole)})) == certificate_fault::too_large);
    CHECK(check_bounds(chain_message({with_long_key(whole, 1)})) == certificate_fault::too_large);
    const auto of_any_length = [](const octets& numbers) {
        return make_octets({0x30, 0x80}) + numbers + octets(2);
    };
    CHECK(check_bounds(chain_message({with_long_key(of_any_length)})) == certificate_fault::too_large);
    const auto long_tag = [](const octets& numbers) {
        return make_octets({0x3f, 0x10, 0x82}) +
               octets{static_cast<std::byte>(numbers.size() >> 8), static_cast<std::byte>(numbers.size())} +
               numbers;
    };
    CHECK(check_bounds(chain_message({with_long_key(long_tag)})) == certificate_fault::too_large);
    const auto long_length = [](const octets& numbers) {
        return make_octets({0x30, 0x8a}) + octets(8) +
               octets{static_cast<std::byte>(numbers.size() >> 8), static_cast<std::byte>(numbers.size())} +
               numbers;
    };
    CHECK(check_bounds(chain_message({with_long_key(long_length)})) == certificate_fault::too_large);
    // Content that only starts like a key: a raw key or a signature.
    CHECK_FALSE(
        check_bounds(chain_message({der_element(0x30, der_element(0x03, octets(33, std::byte{0x30})))})));
}

TEST_CASE("certificate bounds: a truncated or non-DER certificate is unreadable")
{
    auto cut = with_names(3);
    cut.pop_back();
    CHECK(check_bounds(chain_message({cut})) == certificate_fault::unreadable);
    const octets of_any_length{std::byte{0x30}, std::byte{0x80}, std::byte{0}, std::byte{0}};
    CHECK(check_bounds(chain_message({of_any_length})) == certificate_fault::unreadable);
    // GnuTLS refuses a malformed list itself.
    CHECK_FALSE(check_bounds(octets(2)));
    CHECK_FALSE(check_bounds(octets(5, std::byte{1})));
}

TEST_CASE("certificate bounds: a client with too many names is refused before GnuTLS reads them")
{
    const auto ca = make_ca();
    const temp_directory directory;
    const bool within = GENERATE(true, false);
    server_credentials server;
    server.certificate = make_certificate().in_memory();
    server.client_auth = client_certificates::request;
    server.client_ca_file = directory.write("ca.pem", ca.certificate);
    client_credentials client;
    client.insecure = true;
    certificate_spec spec;
    // Few more names than the bound: the time in which GnuTLS makes a certificate grows with the square of
    // their number.
    spec.dns_names.assign(within ? 100 : 520, "name.example");
    client.certificate = make_certificate(ca, spec).in_memory();
    tls_pair pair{{}, {}, tls::make_server_context(server, {}), tls::make_client_context(client, {})};
    pair.settle();
    if (within) {
        CHECK(pair.both_done());
        return;
    }
    CHECK(pair.server->status() == tls::handshake_status::failed);
    CHECK(pair.server->error() == tls::make_error_code(certificate_fault::too_large));
    CHECK(pair.client->status() == tls::handshake_status::in_progress);  // ignores unencrypted alerts
}
