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

TEST_CASE("Warnings: a policy that keeps the default protection causes no warning")
{
    auto config = harmless();
    CHECK(warnings(config).empty());
    for (const auto exchange : {cookie_exchange::always, cookie_exchange::adaptive, cookie_exchange::drop})
        config.cookies.rules.push_back(rule_of(exchange, {"10.0.0.0/8"}));
    CHECK(warnings(config).empty());
}

TEST_CASE("Warnings: a state folder that cannot store sessions causes a warning")
{
    auto config = harmless();
    config.state = "somewhere";
    CHECK(warnings(config).empty());
    config.record_layer = record_layer::attached;
    REQUIRE(warnings(config).size() == 1);
    CHECK(warnings(config).front().starts_with("state: "));
}

TEST_CASE("RFC 6347 4.2.1: `never` for all networks causes a warning with its key and the reason")
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

TEST_CASE("Warnings: trust_all_networks causes a warning even if it is not used yet")
{
    auto config = harmless();
    config.cookies.trust_all_networks = true;
    REQUIRE(warnings(config).size() == 1);
    CHECK(warnings(config).front().starts_with("cookies.trust_all_networks: "));
}

TEST_CASE("RFC 6347 4.2.1: each `never` rule causes a warning with its networks and the reason")
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

TEST_CASE("Warnings: a rule with many networks causes one line of readable length")
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

TEST_CASE("RFC 9146 6: `trusted` moves cause a warning if connection ids are enabled")
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

TEST_CASE("RFC 9325 3.1.2: DTLS 1.0 causes a warning")
{
    auto config = harmless();
    config.dtls_1_0 = true;
    REQUIRE(warnings(config).size() == 1);
    CHECK(has(warnings(config).front(), "RFC 9325 3.1.2"));
}

TEST_CASE("RFC 7301 3.2: alpn_required = false causes a warning if protocols are configured")
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
