#include "tls/self_signed.hpp"

#include "support/catch.hpp"

#include <array>
#include <chrono>

using namespace quivive::tls;

namespace {

std::time_t in(std::chrono::seconds from_now)
{
    return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
}

std::vector<unsigned char> serial_of(gnutls_x509_crt_t certificate)
{
    std::array<unsigned char, 64> serial{};
    std::size_t size = serial.size();
    check(gnutls_x509_crt_get_serial(certificate, serial.data(), &size), "gnutls_x509_crt_get_serial");
    return {serial.begin(), serial.begin() + static_cast<std::ptrdiff_t>(size)};
}

// GnuTLS finds some names only in certificates that it has parsed.
x509_certificate as_peers_see(const x509_certificate& made)
{
    datum der;
    check(gnutls_x509_crt_export2(made.get(), GNUTLS_X509_FMT_DER, der.out()), "gnutls_x509_crt_export2");
    auto read = make_handle<x509_certificate>("gnutls_x509_crt_init", gnutls_x509_crt_init);
    check(gnutls_x509_crt_import(read.get(), &der.get(), GNUTLS_X509_FMT_DER), "gnutls_x509_crt_import");
    return read;
}

}  // namespace

TEST_CASE("A temporary certificate is valid for localhost by name and address, and for no other host")
{
    const auto pair = make_self_signed();
    REQUIRE(pair.chain.size() == 1);
    const auto seen = as_peers_see(pair.chain.front());
    const auto is_for = [&](const char* name) {
        return gnutls_x509_crt_check_hostname(seen.get(), name) != 0;
    };
    CHECK(is_for("localhost"));
    CHECK(is_for("127.0.0.1"));
    CHECK(is_for("::1"));
    CHECK(!is_for("example.org"));
    CHECK(!is_for("127.0.0.2"));
}

TEST_CASE("A temporary certificate is valid for 30 days, from an hour ago to allow for clock differences")
{
    const auto pair = make_self_signed();
    const auto from = gnutls_x509_crt_get_activation_time(pair.chain.front().get());
    const auto until = gnutls_x509_crt_get_expiration_time(pair.chain.front().get());
    CHECK(from <= in(-std::chrono::hours{1}));
    CHECK(from > in(-std::chrono::hours{2}));
    CHECK(until <= in(std::chrono::days{30}));
    CHECK(until > in(std::chrono::days{29}));
}

TEST_CASE("A temporary certificate has a P-256 key, is self-signed and is not a CA")
{
    const auto pair = make_self_signed();
    const auto leaf = pair.chain.front().get();
    unsigned bits = 0;
    CHECK(gnutls_x509_crt_get_pk_algorithm(leaf, &bits) == GNUTLS_PK_ECDSA);
    CHECK(bits == 256);
    CHECK(gnutls_x509_crt_check_issuer(leaf, leaf) == 1);
    CHECK(gnutls_x509_crt_get_ca_status(leaf, nullptr) == 0);
}

TEST_CASE(
    "Temporary certificates have different keys and different positive serial numbers (RFC 5280 4.1.2.2)")
{
    const auto one = make_self_signed(), other = make_self_signed();
    const auto serial = serial_of(one.chain.front().get());
    CHECK(serial != serial_of(other.chain.front().get()));
    CHECK(serial.size() == 16);
    CHECK(serial.front() < 0x80);
    CHECK(serial.front() != 0);
    CHECK(gnutls_x509_crt_equals(one.chain.front().get(), other.chain.front().get()) == 0);
}
