#include "quivive/server_config.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"

using namespace quivive;
using test::has;

namespace {

server_config harmless()
{
    server_config config;
    config.cookies.exchange = cookie_exchange::always;
    return config;
}

cookie_rule rule_of(cookie_exchange exchange, std::initializer_list<const char*> networks)
{
    cookie_rule rule{{}, exchange};
    for (const auto* const each : networks) rule.networks.push_back(network::parse(each).value());
    return rule;
}

}  // namespace

TEST_CASE("Warnings: what keeps the protection that is on by default is not warned of")
{
    auto config = harmless();
    CHECK(warnings(config).empty());
    for (const auto exchange : {cookie_exchange::always, cookie_exchange::adaptive, cookie_exchange::drop})
        config.cookies.rules.push_back(rule_of(exchange, {"10.0.0.0/8"}));
    CHECK(warnings(config).empty());
}

TEST_CASE("Warnings: a state that can keep no session is warned of")
{
    auto config = harmless();
    config.state = "somewhere";
    CHECK(warnings(config).empty());
    config.record_layer = record_layer::attached;
    REQUIRE(warnings(config).size() == 1);
    CHECK(warnings(config).front().starts_with("state: "));
}

TEST_CASE("RFC 6347 4.2.1: `never` for everyone is warned of, with its key and why")
{
    auto config = harmless();
    config.cookies.exchange = cookie_exchange::never;
    REQUIRE(warnings(config).size() == 1);
    CHECK(warnings(config).front().starts_with("cookies.exchange: "));
    config.cookies.trust_all_networks = true;
    REQUIRE(warnings(config).size() == 1);
    const auto text = warnings(config).front();
    CHECK(text.starts_with("cookies.trust_all_networks: "));
    for (const auto* const word : {"\"never\"", "all networks", "RFC 6347 4.2.1", "forged"})
        CHECK(has(text, word));
}

TEST_CASE("Warnings: trust_all_networks is told also before it is used")
{
    auto config = harmless();
    config.cookies.trust_all_networks = true;
    REQUIRE(warnings(config).size() == 1);
    CHECK(warnings(config).front().starts_with("cookies.trust_all_networks: "));
}

TEST_CASE("RFC 6347 4.2.1: each rule with `never` is warned of, with its networks and why")
{
    auto config = harmless();
    config.cookies.rules = {rule_of(cookie_exchange::drop, {"192.0.2.0/24"}),
                            rule_of(cookie_exchange::never, {"10.20.0.0/16", "fd00::/8"}),
                            rule_of(cookie_exchange::never, {"127.0.0.0/8"})};
    const auto told = warnings(config);
    REQUIRE(told.size() == 2);
    CHECK(told[0].starts_with("cookies.rule[1]: "));
    CHECK(has(told[0], "10.20.0.0/16, fd00::/8 are admitted without a cookie (RFC 6347 4.2.1)"));
    CHECK(told[1].starts_with("cookies.rule[2]: "));
    CHECK(has(told[1], "127.0.0.0/8"));
}

TEST_CASE("Warnings: a rule with many networks is told in one line that can be read")
{
    auto config = harmless();
    config.cookies.rules = {rule_of(cookie_exchange::never, {"10.0.0.0/8"})};
    auto& networks = config.cookies.rules.front().networks;
    networks.resize(8, networks.front());
    CHECK(!has(warnings(config).front(), "more"));
    networks.resize(1'000, networks.front());
    CHECK(has(warnings(config).front(), "10.0.0.0/8 and 992 more are admitted"));
    CHECK(warnings(config).front().size() < 500);
}

TEST_CASE("RFC 9146 6: `trusted` moves are warned of where there are connection ids")
{
    auto config = harmless();
    auto& ids = config.connection_ids;
    ids.moves = move_policy::trusted;
    ids.rules = {{{network::parse("10.0.0.0/8").value()}, move_policy::limited},
                 {{network::parse("10.20.0.0/16").value()}, move_policy::trusted}};
    CHECK(warnings(config).empty());
    ids.enabled = true;
    const auto told = warnings(config);
    REQUIRE(told.size() == 2);
    CHECK(told[0].starts_with("connection_ids.moves: is \"trusted\""));
    CHECK(told[1].starts_with("connection_ids.rule[1]: moves is \"trusted\""));
    CHECK(has(told[1], "10.20.0.0/16"));
    for (const auto& each : told) CHECK(has(each, "RFC 9146 6"));
}

TEST_CASE("RFC 9325 3.1.2: DTLS 1.0 is warned of")
{
    auto config = harmless();
    config.dtls_1_0 = true;
    REQUIRE(warnings(config).size() == 1);
    CHECK(has(warnings(config).front(), "RFC 9325 3.1.2"));
}

TEST_CASE(
    "RFC 7301 3.2: to serve clients without a protocol in common is warned of, where there are protocols")
{
    auto config = harmless();
    config.alpn_required = false;
    CHECK(warnings(config).empty());
    config.alpn = {"coap"};
    REQUIRE(warnings(config).size() == 1);
    CHECK(warnings(config).front().starts_with("alpn_required: "));
    config.alpn_required = true;
    CHECK(warnings(config).empty());
}
