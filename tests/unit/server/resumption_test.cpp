// Counters for tickets that do not match the handshake and for clients without an extended master secret.
#include "quivive/cookie_policy.hpp"
#include "support/certificates.hpp"
#include "support/temp_directory.hpp"
#include "unit/server/plain_visit.hpp"
#include "unit/server/reload_fixture.hpp"

#include <string>
#include <vector>

using namespace quivive;
using test::serving;

namespace {

const std::string basic = test::dtls_1_2;
const std::string one_suite = basic + ":-CIPHER-ALL:+AES-128-GCM",
                  other_suite = basic + ":-CIPHER-ALL:+AES-256-GCM";

struct way_to_serve {
    const char* name;
    void (*choose)(server_config&);
};

std::vector<way_to_serve> ways_to_serve()
{
    std::vector<way_to_serve> ways{
        {"as by default", [](server_config&) {}},
        {"attached", [](server_config& c) { c.record_layer = record_layer::attached; }},
        {"with ids", [](server_config& c) { c.connection_ids.enabled = true; }},
        {"beside the shard", [](server_config& c) { c.handshake_threads = 2; }},
    };
    if (compiled_cookies() == cookie_build::runtime)
        ways.push_back({"adaptive", [](server_config& c) {
                            c.cookies.rules = {test::rule("127.0.0.0/8", cookie_exchange::adaptive)};
                        }});
    return ways;
}

}  // namespace

TEST_CASE("A ticket that does not match ends in a full handshake and is counted, in every serving mode")
{
    for (const auto& [name, choose] : ways_to_serve()) {
        CAPTURE(name);
        auto config = test::loopback_config();
        choose(config);
        serving here{config};
        test::plain_client first{one_suite}, second{other_suite}, third{one_suite};
        REQUIRE(test::shake_hands(first, here.address()));
        test::offer_session_of(first.session, second.session);
        REQUIRE(test::shake_hands(second, here.address()));
        CHECK_FALSE(second.session.resumed());
        CHECK(test::eventually([&] { return here.served.metrics().handshakes_completed == 2; }));
        CHECK(here.served.metrics().resumptions_refused == 1);
        CHECK(here.served.metrics().resumptions == 0);

        test::offer_session_of(first.session, third.session);
        REQUIRE(test::shake_hands(third, here.address()));
        CHECK(third.session.resumed());
        CHECK(test::eventually([&] { return here.served.metrics().resumptions == 1; }));
        const auto counted = here.served.metrics();
        CHECK(counted.resumptions_refused == 1);
        CHECK(counted.handshakes_failed == 0);
        CHECK(counted.sessions_without_ems == 0);
    }
}

TEST_CASE("A refused ticket is counted although its client cannot finish the full handshake")
{
    const test::temp_directory directory;
    const auto ca = test::make_ca();
    const auto shown = test::make_certificate(ca), strange = test::make_certificate();
    auto config = test::loopback_config();
    config.credentials.certificate = test::make_certificate().in_memory();
    config.credentials.client_auth = client_certificates::request;
    config.credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    serving here{config};
    test::plain_client first{one_suite, shown.certificate, shown.key},
        second{other_suite, strange.certificate, strange.key};
    REQUIRE(test::shake_hands(first, here.address()));
    test::offer_session_of(first.session, second.session);
    CHECK_FALSE(test::shake_hands(second, here.address()));
    CHECK(test::eventually([&] { return here.served.metrics().handshakes_failed == 1; }));
    CHECK(here.served.metrics().resumptions_refused == 1);
}

TEST_CASE("RFC 7627: sessions without an extended master secret are counted and cannot be resumed")
{
    serving here;
    test::plain_client first{basic + ":%NO_SESSION_HASH"}, second{basic + ":%NO_SESSION_HASH"};
    REQUIRE(test::shake_hands(first, here.address()));
    CHECK(test::eventually([&] { return here.served.metrics().sessions_without_ems == 1; }));
    test::offer_session_of(first.session, second.session);
    REQUIRE(test::shake_hands(second, here.address()));
    CHECK_FALSE(second.session.resumed());
    CHECK(test::eventually([&] { return here.served.metrics().sessions_without_ems == 2; }));
    CHECK(here.served.metrics().resumptions == 0);
}

TEST_CASE("RFC 7627, RFC 5746: a client without a required extension is refused with an alert and counted")
{
    struct lack {
        void (*require)(server_config&);
        const char* without;
        std::uint64_t metrics::*count;
    };
    const auto each =
        GENERATE(lack{[](server_config& c) { c.extended_master_secret = requirement::required; },
                      "%NO_SESSION_HASH", &metrics::handshakes_without_ems},
                 lack{[](server_config& c) { c.secure_renegotiation = requirement::required; },
                      "%DISABLE_SAFE_RENEGOTIATION", &metrics::handshakes_without_secure_renegotiation});
    CAPTURE(each.without);
    auto config = test::loopback_config();
    each.require(config);
    serving here{config};
    test::plain_client with{basic}, without{basic + ":" + each.without};
    REQUIRE(test::shake_hands(with, here.address()));
    CHECK_FALSE(test::shake_hands(without, here.address()));
    CHECK(without.session.code() == GNUTLS_E_FATAL_ALERT_RECEIVED);
    CHECK(gnutls_alert_get(without.session.get()) == GNUTLS_A_HANDSHAKE_FAILURE);
    CHECK(test::eventually([&] { return here.served.metrics().*each.count == 1; }));
    const auto counted = here.served.metrics();
    CHECK(counted.handshakes_failed == 1);
    CHECK(counted.handshakes_without_ems + counted.handshakes_without_secure_renegotiation == 1);
}
