#include "tls/certificate_files.hpp"

#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"
#include "tls/context.hpp"

#include <algorithm>
#include <string>

using namespace quivive;
using namespace quivive::tls;
using test::certificate_spec;
using test::make_certificate;

namespace {

problem_list problems_of(const certificate& source)
{
    problem_list problems;
    const bool loaded = load_certificate(source, problems).has_value();
    CHECK(loaded == problems.empty());
    return problems;
}

certificate files(const std::string& chain, const std::string& key)
{
    return {.chain_file = chain, .key_file = key, .chain_pem = {}, .key_pem = {}};
}

std::size_t chain_length(const certificate& source)
{
    problem_list problems;
    const auto pair = load_certificate(source, problems);
    CAPTURE(problems);
    REQUIRE(pair);
    return pair->chain.size();
}

certificate_spec valid(int from, int to)
{
    certificate_spec spec;
    spec.days_from = from;
    spec.days_to = to;
    return spec;
}

bool is_date(const std::string& text)
{
    return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
           std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) == 8;
}

}  // namespace

TEST_CASE("A certificate and a key of any type are read from files or from memory")
{
    const test::temp_directory directory;
    for (const auto type : {test::key_type::p256, test::key_type::rsa, test::key_type::ed25519}) {
        certificate_spec spec;
        spec.key = type;
        const auto issued = make_certificate(spec);
        CHECK(problems_of(issued.in_memory()).empty());
        CHECK(problems_of(files(directory.write("leaf.pem", issued.certificate),
                                directory.write("leaf.key", issued.key)))
                  .empty());
    }
}

TEST_CASE("One PEM file may hold both the chain and the key")
{
    const test::temp_directory directory;
    const auto issued = make_certificate();
    const auto both = directory.write("both.pem", issued.certificate + issued.key);
    CHECK(problems_of(files(both, both)).empty());
}

TEST_CASE("A chain is read whole and sorted if necessary")
{
    const auto root = test::make_ca("root");
    certificate_spec of_ca;
    of_ca.name = "intermediate";
    of_ca.is_ca = true;
    const auto intermediate = make_certificate(root, of_ca);
    const auto leaf = make_certificate(intermediate);
    CHECK(chain_length(leaf.in_memory(intermediate.certificate)) == 2);
    CHECK(chain_length(leaf.in_memory(root.certificate + intermediate.certificate)) == 3);
}

TEST_CASE("Certificates that do not form a chain are refused")
{
    const auto leaf = make_certificate(test::make_ca());
    const auto unknown_peer = make_certificate();
    const problem_list expected{
        "certificate: chain_pem: is not one chain; expected the leaf first, then its issuer, and so on"};
    CHECK(problems_of(leaf.in_memory(unknown_peer.certificate)) == expected);
    CHECK(problems_of(leaf.in_memory(leaf.certificate)) == expected);
}

TEST_CASE("Two unreadable files are both named, each with the system's reason")
{
    const test::temp_directory directory;
    CHECK(problems_of(files(directory.file("no.pem"), directory.file("no.key"))) ==
          problem_list{directory.file("no.pem") + ": cannot be read: No such file or directory",
                       directory.file("no.key") + ": cannot be read: No such file or directory"});
    CHECK(problems_of(files(directory.path().string(), directory.write("empty.key", ""))) ==
          problem_list{directory.path().string() + ": is not a regular file; give the path of one",
                       directory.file("empty.key") + ": is empty"});
}

TEST_CASE("The error for a file that is not PEM names the expected format")
{
    const test::temp_directory directory;
    const auto text = directory.write("notes.txt", "this is no certificate, and no key\n");
    CHECK(problems_of(files(text, text)) ==
          problem_list{text + ": holds no PEM certificate (-----BEGIN CERTIFICATE-----)",
                       text + ": holds no PEM private key (-----BEGIN PRIVATE KEY-----)"});

    const auto issued = make_certificate();
    const auto swapped =
        problems_of(files(directory.write("a", issued.key), directory.write("b", issued.certificate)));
    CHECK(swapped ==
          problem_list{directory.file("a") + ": holds no PEM certificate (-----BEGIN CERTIFICATE-----)",
                       directory.file("b") + ": holds no PEM private key (-----BEGIN PRIVATE KEY-----)"});
}

TEST_CASE("Damaged PEM is refused as a whole")
{
    auto issued = make_certificate();
    issued.certificate.replace(issued.certificate.size() / 2, 4, "####");
    issued.key.replace(issued.key.size() / 2, 4, "####");
    const auto problems = problems_of(issued.in_memory());
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].find("certificate: chain_pem: holds no ") == 0);
    CHECK(problems[1].find("certificate: key_pem: holds no private key that can be read") == 0);

    auto cut_short = make_certificate();
    cut_short.certificate.resize(cut_short.certificate.size() / 2);
    CHECK(problems_of(cut_short.in_memory()).size() == 1);
}

TEST_CASE("A key that does not belong to the certificate is refused, and the error names both files")
{
    const test::temp_directory directory;
    const auto chain = directory.write("server.pem", make_certificate().certificate);
    const auto key = directory.write("other.key", make_certificate().key);
    CHECK(problems_of(files(chain, key)) == problem_list{key + ": is not the key of the certificate in " +
                                                         chain + "; give the key of that certificate"});
}

TEST_CASE("An encrypted key is refused, and the error names the remedy")
{
    auto issued = make_certificate();
    issued.key = test::encrypted_key(issued, "passphrase");
    CHECK(problems_of(issued.in_memory()) ==
          problem_list{"certificate: key_pem: the key is encrypted; remove its passphrase (openssl pkey)"});
}

TEST_CASE("An expired certificate is refused with its date")
{
    const test::temp_directory directory;
    const auto expired = make_certificate(valid(-20, -2));
    const auto chain = directory.write("old.pem", expired.certificate);
    const auto problems = problems_of(files(chain, directory.write("old.key", expired.key)));
    REQUIRE(problems.size() == 1);
    const auto words = chain + ": the certificate expired on ";
    REQUIRE(problems[0].find(words) == 0);
    CHECK(is_date(problems[0].substr(words.size(), 10)));
}

TEST_CASE("A certificate that is not yet valid is refused with its date")
{
    const auto problems = problems_of(make_certificate(valid(2, 20)).in_memory());
    REQUIRE(problems.size() == 1);
    const std::string words = "certificate: chain_pem: the certificate is not valid before ";
    REQUIRE(problems[0].find(words) == 0);
    CHECK(is_date(problems[0].substr(words.size(), 10)));
}

TEST_CASE("An expired issuer in the chain has another error than an expired certificate")
{
    auto of_ca = valid(-20, -2);
    of_ca.name = "old CA";
    of_ca.is_ca = true;
    const auto ca = make_certificate(of_ca);
    const auto problems = problems_of(make_certificate(ca).in_memory(ca.certificate));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("certificate: chain_pem: an issuer's certificate expired on ") == 0);
}

TEST_CASE("All problems of a certificate are reported at once")
{
    auto issued = make_certificate(valid(-20, -2));
    issued.key = make_certificate().key;
    CHECK(problems_of(issued.in_memory()).size() == 2);
}

TEST_CASE("Either a file or memory must be given for a chain and for a key")
{
    CHECK(problems_of({}) ==
          problem_list{"certificate: chain_file and chain_pem: neither is given; one is needed",
                       "certificate: key_file and key_pem: neither is given; one is needed"});
    auto source = make_certificate().in_memory();
    source.chain_file = "server.pem";
    CHECK(problems_of(source) ==
          problem_list{"certificate: chain_file and chain_pem: both are given; give one"});
}

TEST_CASE("A file of trusted certificates must contain at least one")
{
    const test::temp_directory directory;
    const auto trust = [](const std::string& file) {
        problem_list problems, warnings;
        const auto credentials = make_handle<certificate_credentials>(
            "gnutls_certificate_allocate_credentials", gnutls_certificate_allocate_credentials);
        load_trust(credentials.get(), file, problems, warnings);
        return problems;
    };
    CHECK(trust(directory.write("ca.pem", test::make_ca("a").certificate + test::make_ca("b").certificate))
              .empty());
    CHECK(trust(directory.file("none")) ==
          problem_list{directory.file("none") + ": cannot be read: No such file or directory"});
    const auto words = ": holds no PEM certificate to trust (-----BEGIN CERTIFICATE-----)";
    CHECK(trust(directory.write("text", "hello")) == problem_list{directory.file("text") + words});
    CHECK(trust(directory.write("key", make_certificate().key)) ==
          problem_list{directory.file("key") + words});
}

TEST_CASE("A revocation list among the trusted certificates is refused")
{
    const test::temp_directory directory;
    const auto ca = test::make_ca().certificate;
    const std::string crl = "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n";
    for (const auto& content : {ca + crl, crl + ca, crl}) {
        const auto file = directory.write("ca.pem", content);
        server_credentials serving;
        serving.certificate = make_certificate().in_memory();
        serving.client_auth = client_certificates::require;
        serving.client_ca_file = file;
        client_credentials trusting;
        trusting.ca_file = file;
        const auto problem_of = [](const auto& make) -> std::string {
            try {
                make();
            } catch (const config_error& error) {
                CHECK(error.problems().size() == 1);
                return error.problems().front();
            }
            return {};
        };
        for (const auto& problem : {problem_of([&] { (void)make_server_context(serving, {}); }),
                                    problem_of([&] { (void)make_client_context(trusting, {}); })}) {
            CHECK(problem.find(file + ": has a list of revoked certificates (-----BEGIN X509 CRL-----)") ==
                  0);
        }
    }
}
