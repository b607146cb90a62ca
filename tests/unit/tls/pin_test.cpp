#include "tls/pin.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"

#include <string>

using namespace quivive;
using namespace quivive::tls;

namespace {

// Certificates and pins made with OpenSSL: openssl x509 -pubkey -noout | openssl pkey -pubin -outform der |
// openssl dgst -sha256 -binary | base64
constexpr const char* p256_certificate = R"(-----BEGIN CERTIFICATE-----
MIIBdDCCARmgAwIBAgIUKocBJLSIwTUyc/4UCjbiQ7B6RsowCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDcGluMCAXDTI2MTEyMzEwNTAwMFoYDzIxMjYxMDMwMTA1MDAw
WjAOMQwwCgYDVQQDDANwaW4wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATEZU/M
5QMs2zfUq1AnkVT3pyvg+wox31JAB7IgNO9Cjm0bwKhShmwyXoo56ER9NXEsNqwh
3/yA6NB/qtw8wFYxo1MwUTAdBgNVHQ4EFgQUNUl6BZj2xfsi7f2H7sO4Vtk4LbMw
HwYDVR0jBBgwFoAUNUl6BZj2xfsi7f2H7sO4Vtk4LbMwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNJADBGAiEAqRPY9vu0vf+E/klNqC+NW8mitGr+kx/4FU87
hHceOgACIQCgrdMBM8fC6KYH+aQk/NwFJgbXA6dtS7rFdhyHTRK+RA==
-----END CERTIFICATE-----
)";
constexpr const char* p256_pin = "sha256:q8RkojXekCqhe3/fHxiebKwIAJ5Tv/7tQuXwviCz3P4=";

constexpr const char* rsa_certificate = R"(-----BEGIN CERTIFICATE-----
MIIC/zCCAeegAwIBAgIUbhI5MXQ7ep98iF8GXjW1Zlt6M2QwDQYJKoZIhvcNAQEL
BQAwDjEMMAoGA1UEAwwDcGluMCAXDTI2MTEyMzEwNTAwMFoYDzIxMjYxMDMwMTA1
MDAwWjAOMQwwCgYDVQQDDANwaW4wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
AoIBAQDLsFtfEpYRZtj5Wqr1enOvJAfCODgRO6XjgqxdFoi7sEwzFbLVtmi8GuL4
bRnCFsukGPzwtd8rKo1fU2B+tZRCzXAg1NOxpgwb/fqIb9t9JZHGyqQj3KxBuEp0
cDSvyv3tDjZtAWgL7d0Zhiu2x7EJCxX+20Ua9jJfQkM2ojepOKFgtsWl1q6AGzw4
066+IwuR/UgjpjKUZ3mpwkC+HI+/xeSiNUP0jD5dHtu8AN5CIbYv5ng4cnSsSLCx
LcFLqwtgo/X60LoF3XAe+L4MRw6J010Qdo87uQPaEz/0NTsXupSN+QYyUtYJl3l3
8rnYn5Q6KaoocDEoeKiGiBnT1dupAgMBAAGjUzBRMB0GA1UdDgQWBBReKTPox2as
wDBJzZnJaJGDGzAmKjAfBgNVHSMEGDAWgBReKTPox2aswDBJzZnJaJGDGzAmKjAP
BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCIkdtinj/9ibTCYQJg
ZYaAW9wa7b44Dy5B+ZP4YGiezko6bZfi1zSgDyC/JdYmEAEjC2QMSn4B4jE9RJWU
0Un91Q+kcNucOqcWzhTE6vpoAGZEQg7y2DN3+C8IIo4z5jMpw8HJqnJLpDxH0C8F
wigvKeSgrevYW0lVCEg683xJ+p4IGOiSpwzCALaEd+wee0KdyMC4w0uDHe/wT2Ot
D07a9+aUMYRIysZ7ech2NVzfM6uHH4OPG8jIVxJJcBwZwg4lQvbCzTjVAfvmQ8Pa
YlSC7usXrQ7BaQ9dKcdol3HRn+rBXGyJ9Mi5JoLE/h0KCMDA3jtTDsJrj728R1Gx
/sKo
-----END CERTIFICATE-----
)";
constexpr const char* rsa_pin = "sha256:Bb5mQSimxY1y8ZwvpONHfR0TCq4YbOw1JABMDxpxLaw=";

x509_certificate read(const std::string& pem)
{
    auto certificate = make_handle<x509_certificate>("gnutls_x509_crt_init", gnutls_x509_crt_init);
    const auto data = as_datum(pem);
    check(gnutls_x509_crt_import(certificate.get(), &data, GNUTLS_X509_FMT_PEM), "gnutls_x509_crt_import");
    return certificate;
}

std::string pin_of(const test::issued& pair) { return tls::pin_of(read(pair.certificate).get()); }

}  // namespace

TEST_CASE("RFC 7469 2.4: a pin is the SHA-256 of the SubjectPublicKeyInfo and agrees with OpenSSL")
{
    CHECK(tls::pin_of(read(p256_certificate).get()) == p256_pin);
    CHECK(tls::pin_of(read(rsa_certificate).get()) == rsa_pin);
}

TEST_CASE("Every key has its own pin, and every pin can be parsed again")
{
    for (const auto type : {test::key_type::p256, test::key_type::rsa, test::key_type::ed25519}) {
        test::certificate_spec spec;
        spec.key = type;
        const auto pin = pin_of(test::make_certificate(spec));
        CHECK(is_pin(pin));
        CHECK(pin != pin_of(test::make_certificate(spec)));
    }
}

TEST_CASE("Text in any other form than a pin is refused")
{
    REQUIRE(is_pin("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    const std::string wrong =
        GENERATE("", "sha256:", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                 "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                 "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                 "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",       // no padding
                 "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",      // bits beyond the last byte
                 "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",          // 29 bytes
                 "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",  // 33 bytes
                 "sha256:AAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAA=",    // a line break
                 "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-=",      // base64url
                 "sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                 "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ",
                 "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");  // hex
    CAPTURE(wrong);
    CHECK(!is_pin(wrong));
}
