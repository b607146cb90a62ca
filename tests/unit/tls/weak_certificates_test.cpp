#include "tls/weak_certificates.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"
#include "support/text.hpp"
#include "tls/context.hpp"

using namespace quivive;
using namespace quivive::test;

namespace {

certificate_spec spec_for(key_type key, bool sha1 = false, bool is_ca = false)
{
    certificate_spec spec;
    spec.key = key;
    spec.sha1 = sha1;
    spec.is_ca = is_ca;
    if (is_ca) spec.name = sha1 ? "an old authority" : "an authority";
    return spec;
}

std::vector<std::string> warnings_of(const certificate& source)
{
    server_credentials serving;
    serving.certificate = source;
    return tls::make_server_context(serving, {})->warnings();
}

}  // namespace

TEST_CASE("Weak certificates: an RSA key below 2048 bits causes a warning, in the leaf and in an issuer")
{
    const auto leaf = warnings_of(make_certificate(spec_for(key_type::weak_rsa)).in_memory());
    REQUIRE(leaf.size() == 2);  // also warns that RSA is slow
    CHECK(leaf[0].starts_with("certificate: chain_pem: the certificate has an RSA key of 1024 bits, "));
    CHECK(warnings_of(make_certificate(spec_for(key_type::rsa)).in_memory()).size() == 1);

    const auto root = make_certificate(spec_for(key_type::weak_rsa, false, true));
    const auto chain = warnings_of(make_certificate(root).in_memory(root.certificate));
    REQUIRE(chain.size() == 1);
    CHECK(chain[0].starts_with(
        "certificate: chain_pem: an issuer's certificate has an RSA key of 1024 bits, "));
}

TEST_CASE("Weak certificates: a signature with SHA-1 causes a warning, except for a root's own signature")
{
    const auto root = make_certificate(spec_for(key_type::p256, true, true));
    auto of_between = spec_for(key_type::p256, true, true);
    of_between.name = "between";
    const auto between = make_certificate(root, of_between);
    const auto leaf = make_certificate(root, spec_for(key_type::p256, true));
    CHECK(warnings_of(make_certificate(root).in_memory(root.certificate)).empty());
    CHECK(warnings_of(root.in_memory()).empty());

    const auto of_leaf = warnings_of(leaf.in_memory(root.certificate));
    REQUIRE(of_leaf.size() == 1);
    CHECK(of_leaf[0].starts_with("certificate: chain_pem: the certificate is signed over SHA1, "));
    const auto of_issuer =
        warnings_of(make_certificate(between).in_memory(between.certificate + root.certificate));
    REQUIRE(of_issuer.size() == 1);
    CHECK(of_issuer[0].starts_with("certificate: chain_pem: an issuer's certificate is signed over SHA1, "));
}

TEST_CASE("Weak certificates: a weak CA for client certificates causes a warning with its number in the file")
{
    const temp_directory directory;
    const auto root = make_ca();
    const auto weak_root = make_certificate(spec_for(key_type::weak_rsa, false, true));
    const auto between = make_certificate(root, spec_for(key_type::p256, true, true));
    server_credentials serving;
    serving.certificate = make_certificate().in_memory();
    serving.client_auth = client_certificates::require;
    serving.client_ca_file =
        directory.write("ca.pem", root.certificate + weak_root.certificate + between.certificate);
    const auto warnings = tls::make_server_context(serving, {})->warnings();
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].starts_with(serving.client_ca_file + ": certificate 2 has an RSA key of 1024 bits"));
    CHECK(warnings[1].starts_with(serving.client_ca_file + ": certificate 3 is signed over SHA1"));
}
