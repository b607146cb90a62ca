// Credentials and PSKs of a server after a reload.
#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "support/stepwise_client.hpp"
#include "support/temp_directory.hpp"
#include "tls/pin.hpp"
#include "unit/server/plain_visit.hpp"
#include "unit/server/reload_fixture.hpp"

using namespace quivive;
using test::serving;

namespace {

server_config with_certificate(const certificate& shown)
{
    auto config = test::loopback_config();
    config.credentials.certificate = shown;
    return config;
}

client_config pinning(const std::string& pin)
{
    client_config config;
    config.credentials.pin = pin;
    return config;
}

client_config with_key(const std::string& hex)
{
    client_config config;
    config.credentials.psk_identity = "alice";
    config.credentials.psk_key = secret::from_hex(hex).value();
    return config;
}

/// Returns whether a client that offers the session of `former` resumes it.
bool resumes(test::plain_client& former, const serving& with)
{
    test::plain_client again{test::dtls_1_2};
    test::offer_session_of(former.session, again.session);
    REQUIRE(test::shake_hands(again, with.address()));
    return again.session.resumed();
}

/// Reloads the changed configuration and returns when it applies to new clients.
void take(serving& here)
{
    const auto fresh = "127.0.9." + std::to_string(here.config.cookies.rules.size() + 1);
    here.config.cookies.rules.push_back(test::rule(fresh, cookie_exchange::drop));
    CHECK(here.served.reload(here.config).empty());
    REQUIRE(test::soon_meets(here.served, fresh, test::reception::nothing));
}

}  // namespace

TEST_CASE("reload: new clients get the new certificate, and a live session continues")
{
    serving here{with_certificate(test::make_certificate().in_memory())};
    const auto old_pin = here.served.pin();
    test::stepwise_client live{here.address()};
    REQUIRE(live.connect());
    CHECK(test::connect(here.served, pinning(old_pin)) == error_code{});

    here.config.credentials.certificate = test::make_certificate().in_memory();
    take(here);
    const auto new_pin = here.served.pin();
    CHECK(new_pin != old_pin);
    CHECK(test::connect(here.served, pinning(new_pin)) == error_code{});
    CHECK(test::connect(here.served, pinning(old_pin)) == errc::certificate_rejected);
    CHECK(live.echo("still there") == "still there");
    CHECK(here.served.metrics().sessions_closed + 1 == here.served.metrics().handshakes_completed);
}

TEST_CASE("reload: files are read again although their names have not changed")
{
    const test::temp_directory directory;
    auto config = test::loopback_config();
    config.credentials.psk_file = directory.write("keys.psk", "alice:00ff\n");
    serving here{config};
    CHECK(test::connect(here.served, with_key("00ff")) == error_code{});
    CHECK(test::connect(here.served, with_key("0102")) != error_code{});

    (void)directory.write("keys.psk", "alice:0102\n");
    CHECK(test::connect(here.served, with_key("00ff")) == error_code{});  // until the reload
    take(here);
    CHECK(test::connect(here.served, with_key("00ff")) != error_code{});
    CHECK(test::connect(here.served, with_key("0102")) == error_code{});
}

TEST_CASE("reload: a throw-away certificate stays the same, whatever else changes")
{
    serving here;
    const auto pin = here.served.pin();
    const auto change = GENERATE(
        +[](server_config& c) { c.limits.max_sessions = 10; }, +[](server_config& c) { c.alpn = {"coap"}; },
        +[](server_config& c) { c.dtls_1_0 = true; },
        +[](server_config& c) { c.credentials.tickets = false; });
    change(here.config);
    take(here);
    CHECK(here.served.pin() == pin);
    CHECK(test::connect(here.served, pinning(pin)) == error_code{});
}

TEST_CASE("reload: a throw-away certificate is not used beside PSKs and is used again after them")
{
    const test::temp_directory directory;
    serving here;
    const auto pin = here.served.pin();
    here.config.credentials.psk_file = directory.write("keys.psk", "alice:00ff\n");
    take(here);
    CHECK(here.served.pin().empty());
    CHECK(test::connect(here.served, with_key("00ff")) == error_code{});
    here.config.credentials.psk_file.clear();
    take(here);
    CHECK(here.served.pin() == pin);
    CHECK(test::connect(here.served, pinning(pin)) == error_code{});
}

TEST_CASE("reload: tickets stay valid after a reload that changes no credential, and no other (RFC 5077)")
{
    serving here{with_certificate(test::make_certificate().in_memory())};
    test::plain_client first{test::dtls_1_2};
    REQUIRE(test::shake_hands(first, here.address()));
    CHECK(resumes(first, here));

    here.config.limits.max_sessions = 100;
    take(here);
    CHECK(resumes(first, here));
    CHECK(test::eventually([&] { return here.served.metrics().resumptions == 2; }));

    here.config.credentials.certificate = test::make_certificate().in_memory();
    take(here);
    CHECK_FALSE(resumes(first, here));

    here.config.credentials.tickets = false;
    take(here);
    CHECK_FALSE(resumes(first, here));
    CHECK(here.served.metrics().resumptions == 2);
}

TEST_CASE("reload: the new alpn_required and prefer apply to new clients")
{
    auto config = test::loopback_config();
    config.credentials.certificate = test::make_certificate().in_memory();
    config.credentials.psk = [](std::string_view identity) {
        return identity == "alice" ? secret::from_hex("00ff") : std::nullopt;
    };
    config.alpn = {"coap"};
    serving here{config};
    client_config other;
    other.credentials.insecure = true;
    other.alpn = {"mqtt"};
    CHECK(test::connect(here.served, other) != error_code{});
    CHECK(here.served.metrics().handshakes_failed == 1);
    here.config.alpn_required = false;
    take(here);
    CHECK(test::connect(here.served, other) == error_code{});

    // Like Debian's wolfSSL: the certificate's suites first, PSK suites too, and no PSK.
    const auto exchange = [&] {
        test::plain_client client{std::string{test::dtls_1_2} + ":+ECDHE-PSK"};
        client.psk("alice", std::string_view{"\x00\xff", 2});
        REQUIRE(test::shake_hands(client, here.address()));
        return gnutls_kx_get(client.session.get());
    };
    CHECK(exchange() == GNUTLS_KX_ECDHE_ECDSA);
    here.config.credentials.prefer = credential_preference::psk;
    take(here);
    CHECK(exchange() == GNUTLS_KX_ECDHE_PSK);
}
