#include "quivive/server_config.hpp"

#include "quivive/error.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"
#include "support/text.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace quivive;
using test::any_has;

namespace {

struct files {
    test::temp_directory folder;
    test::issued pair = test::make_certificate();
    std::string chain = folder.write("chain.pem", pair.certificate);
    std::string key = folder.write("key.pem", pair.key);
    std::string secret = folder.write("secret", "0123456789abcdef0123456789abcdef");

    files() { REQUIRE(chmod(secret.c_str(), 0600) == 0); }

    [[nodiscard]] server_config config() const
    {
        server_config config;
        config.credentials.certificate = certificate{chain, key, {}, {}};
        config.cookies.secret_file = secret;
        return config;
    }
};

}  // namespace

TEST_CASE("validate_files: files that a server can use cause no problem")
{
    const files given;
    CHECK(validate_files(given.config()).empty());
}

TEST_CASE("validate_files: every file that cannot be read is named, all at once")
{
    const files given;
    auto config = given.config();
    config.credentials.certificate->chain_file = given.folder.file("no-chain");
    config.credentials.psk_file = given.folder.file("no-psk");
    config.cookies.secret_file = given.folder.file("no-secret");
    const auto problems = validate_files(config);
    CHECK(problems.size() == 3);
    for (const auto* const name : {"no-chain", "no-psk", "no-secret"})
        CHECK(any_has(problems, given.folder.file(name)));
}

TEST_CASE("validate_files: an error inside a file is reported without showing a key")
{
    const files given;
    auto config = given.config();
    config.credentials.certificate->key_file = given.folder.write("other.pem", test::make_certificate().key);
    config.credentials.psk_file = given.folder.write("psk", "alice:00ff\nbob:c0ffee0\n");
    const auto problems = validate_files(config);
    CHECK(problems.size() == 2);
    CHECK(any_has(problems, given.folder.file("psk") + ":2"));
    CHECK(!any_has(problems, "c0ffee"));
}

TEST_CASE("validate_files: a bad priority string and missing credentials are reported")
{
    const files given;
    auto config = given.config();
    config.priority = "NO-SUCH-THING";
    CHECK(any_has(validate_files(config), "NO-SUCH-THING"));
    CHECK(any_has(validate_files(server_config{}), "certificate"));
}

TEST_CASE("validate_files: the secret is checked even if the credentials are invalid")
{
    const files given;
    server_config config;
    config.cookies.secret_file = given.folder.file("no-secret");
    const auto problems = validate_files(config);
    CHECK(problems.size() == 2);
    CHECK(any_has(problems, "no-secret"));
}

TEST_CASE("validate_files: existing files of the state folder that a server reads are checked")
{
    const files given;
    auto config = given.config();
    const bool has_own_key = GENERATE(true, false);
    if (has_own_key) config.cookies.secret_file.clear();
    config.state = given.folder.file("state");
    CHECK(validate_files(config).empty());  // the server creates the folder
    std::filesystem::create_directory(config.state);
    std::filesystem::permissions(config.state, std::filesystem::perms::owner_all);
    CHECK(validate_files(config).empty());
    for (const std::string name : {"id", "key"}) {
        CAPTURE(name, has_own_key);
        const bool is_read = has_own_key || name == "id";
        const auto file = given.folder.write("state/" + name, std::string(64, 'a') + "\n");
        CHECK(validate_files(config).empty());
        REQUIRE(chmod(file.c_str(), 0644) == 0);
        const auto problems = validate_files(config);
        REQUIRE(problems.size() == (is_read ? 1 : 0));
        if (is_read) CHECK(problems.front().starts_with("state: " + file + ": has mode 0644"));
        REQUIRE(chmod(file.c_str(), 0600) == 0);
        (void)given.folder.write("state/" + name, "");
        CHECK(any_has(validate_files(config), file + ": is empty") == is_read);
        std::filesystem::remove(file);
        std::filesystem::create_symlink("nowhere", file);
        CHECK(any_has(validate_files(config), file + ": cannot be read") == is_read);
        std::filesystem::remove(file);
    }
}

TEST_CASE("file_warnings: a key that excludes clients is reported, and unusable files are refused")
{
    const files given;
    auto config = given.config();
    CHECK(file_warnings(config).empty());
    test::certificate_spec spec;
    spec.key = test::key_type::ed25519;
    config.credentials.certificate = test::make_certificate(spec).in_memory();
    REQUIRE(file_warnings(config).size() == 1);
    CHECK(test::has(file_warnings(config).front(), "Ed25519"));
    config.credentials.psk_file = given.folder.file("no-psk");
    CHECK_THROWS_AS(file_warnings(config), config_error);
}

TEST_CASE(
    "file_notes: the number of secrets is reported, and lines that are joined to one secret cause a warning")
{
    const files given;
    auto config = given.config();
    CHECK(file_notes(config) == std::vector{given.secret + ": has 1 secret"});
    (void)given.folder.write("secret", "the first of two\nthe second of two\n");
    CHECK(file_notes(config) ==
          std::vector{given.secret + ": has 2 secrets, the first of which makes cookies and "
                                     "seals sessions"});
    CHECK(file_warnings(config).empty());
    (void)given.folder.write("secret", "the first of two\nthe\tsecond of two\n");
    CHECK(file_notes(config) == std::vector{given.secret + ": has 1 secret"});
    REQUIRE(file_warnings(config).size() == 1);
    CHECK(file_warnings(config).front().starts_with(given.secret + ":2: byte 0x09 is not printable ASCII"));
    config.cookies.secret_file.clear();
    CHECK(file_notes(config).empty());
    config.cookies.secret_file = given.folder.file("none");
    CHECK_THROWS_AS(file_notes(config), config_error);
    CHECK_THROWS_AS(file_warnings(config), config_error);
}
