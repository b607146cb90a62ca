// Freed memory holds no keys and no confidential messages.

#include "faults/credentials.hpp"
#include "faults/freed_memory.hpp"
#include "faults/meeting.hpp"
#include "support/catch.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/psk_file.hpp"
#include "tls/sealed_blob.hpp"
#include "tls/secret_file.hpp"
#include "wire/wipe.hpp"

#include <gnutls/gnutls.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>

using namespace quivive;
using namespace quivive::test;

namespace {

constexpr std::string_view said = "in confidence, to the server";
constexpr std::string_view answered = "in confidence, to the client";

/// During its lifetime, also searches memory that GnuTLS frees.
class gnutls_frees_noted {
public:
    gnutls_frees_noted() noexcept
    {
        gnutls_malloc = [](std::size_t size) { return std::calloc(1, size); };
        gnutls_free = [](void* memory) {
            note_freed(memory);
            std::free(memory);
        };
    }
    ~gnutls_frees_noted()
    {
        gnutls_malloc = allocate_before_;
        gnutls_free = free_before_;
    }
    gnutls_frees_noted(const gnutls_frees_noted&) = delete;
    gnutls_frees_noted& operator=(const gnutls_frees_noted&) = delete;

private:
    gnutls_alloc_function allocate_before_ = gnutls_malloc;
    gnutls_free_function free_before_ = gnutls_free;
};

/// A session whose client has sent a message that the server has not received yet.
struct talk {
    explicit talk(const manner& how)
    {
        both.emplace(how);
        REQUIRE(both->connect(side::nobody));
        both->client().send(std::string{said});
        REQUIRE(!both->client().outgoing.empty());
        arrived = both->client().outgoing.back();
    }
    void look_for_keys(freed_memory& freed)
    {
        const auto saved = both->around().server->save(*both->session(), both->around().now);
        if (!saved) return;  // GnuTLS has the keys
        for (const auto* const keys : {&saved->keys.read, &saved->keys.write})
            freed.look_for(keys->key(saved->keys.cipher));
    }
    /// Delivers the message to the server, which answers.
    void go_on()
    {
        auto& around = both->around();
        const auto session = both->session();
        REQUIRE(around.route(both->client().path, arrived).disposition == dispatch::disposition::delivered);
        CHECK(wire::as_text(session->messages().front().bytes()) == said);
        session->messages().pool().recycle(session->messages().pop());
        CHECK(around.server->send(*session, wire::as_bytes(answered), around.now, around) ==
              record::sealed::sent);
    }

    std::optional<meeting> both;
    octets arrived;
};

}  // namespace

TEST_CASE("leftovers: freed_memory finds a secret that is not wiped before its memory is freed")
{
    freed_memory freed;
    freed.look_for(said);
    {
        const std::vector<char> forgotten(said.begin(), said.end());
    }
    CHECK(freed_memory::found() == 1);
    {
        std::vector<std::byte> wiped(wire::as_bytes(said).begin(), wire::as_bytes(said).end());
        wire::wipe(wiped);
    }
    {
        const wire::secret_bytes wiped(wire::as_bytes(said).begin(), wire::as_bytes(said).end());
    }
    CHECK(freed_memory::found() == 1);
    CHECK(freed_memory::looked_at() >= 3);
}

TEST_CASE("leftovers: a session leaves neither its keys nor its messages in freed memory")
{
    const auto& how = GENERATE(from_range(all_manners()));
    INFO(how.name);
    talk here{how};
    freed_memory freed;
    freed.look_for(said);
    freed.look_for(answered);
    here.look_for_keys(freed);
    here.go_on();
    here.both->around().server->close_all(sessions::close_reason::server_stopped, here.both->around().now,
                                          here.both->around());
    here.both.reset();
    CHECK(freed_memory::found() == 0);
    CHECK(freed_memory::looked_at() > 20);
}

TEST_CASE("leftovers: an unread message is wiped with its session")
{
    const auto& how = GENERATE(from_range(all_manners()));
    INFO(how.name);
    talk here{how};
    freed_memory freed;
    freed.look_for(said);
    REQUIRE(here.both->around().route(here.both->client().path, here.arrived).disposition ==
            dispatch::disposition::delivered);
    here.both.reset();
    CHECK(freed_memory::found() == 0);
}

TEST_CASE("leftovers: a transfer of a session to another process leaves no secret in freed memory")
{
    const auto& how = all_manners().at(3);
    REQUIRE(how.ids);
    talk from{how};
    REQUIRE(from.both->around().route(from.both->client().path, from.arrived).disposition ==
            dispatch::disposition::delivered);
    std::optional<meeting> to{std::in_place, how};
    const auto key = *secret::from_hex("000102030405060708090a0b0c0d0e0f");

    freed_memory freed;
    freed.look_for(said);
    from.look_for_keys(freed);
    freed.look_for(key.bytes());
    {
        const auto saved = from.both->around().server->save(*from.both->session(), from.both->around().now);
        REQUIRE(saved.has_value());
        auto encoded = sessions::encode(*saved);
        const wire::wiper plain{encoded};
        const auto blob = tls::seal_blob(key, encoded, std::chrono::sys_seconds{});
        from.both->around().server->remove_exported(*from.both->session());
        auto opened = tls::open_blob(key, blob);
        REQUIRE(opened.has_value());
        const wire::wiper content{*opened};
        const auto read = sessions::decode(*opened);
        REQUIRE(read.has_value());
        const auto ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
        REQUIRE(to->around().server->import_session(*read, ciphers, to->around().now) ==
                dispatch::import_outcome::imported);
    }
    from.both.reset();
    to.reset();
    CHECK(freed_memory::found() == 0);
}

TEST_CASE("leftovers: texts with keys are wiped after they have been read")
{
    constexpr std::string_view hex = "5ec2e75ec2e75ec2e75ec2e7",
                               secret_text = "a secret of a file, on one line";
    temp_directory folder;
    const auto psk = folder.write("psk", "me:" + std::string{hex} + "\n");
    const auto shared = folder.write("secret", std::string{secret_text} + "\n");
    for (const auto& file : {psk, shared})
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto key_of_psk = *secret::from_hex(hex);
    const auto credentials = full_server_credentials();
    const auto options = full_options();
    std::string pem_line;
    {
        tls::problem_list problems;
        const auto pem =
            tls::read_file(credentials.certificate.value().key_file, tls::file_use::private_key, problems);
        REQUIRE(pem.has_value());
        pem_line = std::string{pem->text().substr(pem->text().find('\n') + 1, 32)};
    }

    freed_memory freed;
    freed.look_for(hex);
    freed.look_for(secret_text);
    freed.look_for(key_of_psk.bytes());
    freed.look_for(pem_line);
    {
        const gnutls_frees_noted too;  // files are read into GnuTLS's memory
        tls::problem_list problems, warnings;
        const auto table = tls::load_psk_file(psk, problems, warnings);
        REQUIRE(table.find("me") != nullptr);
        CHECK(table.find("me")->bytes() == key_of_psk.bytes());
        REQUIRE(tls::load_secret(shared, problems).has_value());
        CHECK(problems.empty());
    }
    CHECK(tls::make_server_context(credentials, options) != nullptr);  // GnuTLS leaves copies of the PEM
    CHECK(freed_memory::found() == 0);
    CHECK(freed_memory::looked_at() > 5);
    wire::wipe(std::as_writable_bytes(std::span{pem_line}));
}

TEST_CASE("leftovers: a private key given as text is wiped in each of its copies")
{
    std::optional<server_credentials> credentials{std::in_place};
    credentials->certificate = make_certificate(certificate_spec{}).in_memory();
    const auto& text = credentials->certificate->key_pem;
    freed_memory freed;
    freed.look_for(std::string_view{text}.substr(text.find('\n') + 1, 32));
    {
        const auto copy = *credentials;
        CHECK(tls::make_server_context(copy, {}) != nullptr);
    }
    credentials.reset();
    CHECK(freed_memory::found() == 0);
}

TEST_CASE("leftovers: exported keying material is wiped with the facts of its session")
{
    tls::context_options options;
    options.keying.exporters = {{"EXPERIMENTAL label", 32}};
    std::optional<tls_pair> pair{std::in_place, tls::handshake_settings{}, tls::prestate{},
                                 server_context_with(options)};
    pair->settle();
    REQUIRE(pair->both_done());
    std::optional<tls::handshake_facts> facts = pair->server->facts();
    REQUIRE(facts->keying != nullptr);
    freed_memory freed;
    freed.look_for(facts->keying->exported.at(0).bytes());
    facts.reset();
    pair.reset();
    CHECK(freed_memory::found() == 0);
}
