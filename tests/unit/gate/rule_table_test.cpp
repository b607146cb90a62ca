#include "gate/rule_table.hpp"

#include "support/catch.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <random>

using namespace quivive;
using gate::rule_table;

namespace {

wire::endpoint peer(const std::string& text)
{
    const auto address = boost::asio::ip::make_address(text);
    const auto v6 =
        address.is_v4() ? make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()) : address.to_v6();
    wire::endpoint end;
    std::ranges::transform(v6.to_bytes(), end.address.begin(), [](unsigned char b) { return std::byte{b}; });
    return end;
}

cookie_rule rule(std::initializer_list<const char*> networks, cookie_exchange exchange)
{
    cookie_rule made{.networks = {}, .exchange = exchange};
    for (const auto* text : networks) made.networks.push_back(network::parse(text).value());
    return made;
}

/// The definition, written literally.
cookie_exchange first_match(const cookie_policy& policy, const wire::endpoint& peer)
{
    for (const auto& rule : policy.rules)
        for (const auto& network : rule.networks)
            if (network.is_v4() == peer.is_v4() && network.first() <= peer.address &&
                peer.address <= network.last())
                return rule.exchange;
    return policy.exchange;
}

}  // namespace

TEST_CASE("Rules: without rules every peer gets the default")
{
    const rule_table table{{.exchange = cookie_exchange::adaptive}};
    CHECK(table.find(peer("192.0.2.1")) == cookie_exchange::adaptive);
    CHECK(table.find(peer("2001:db8::1")) == cookie_exchange::adaptive);
    CHECK(table.find(peer("255.255.255.255")) == cookie_exchange::adaptive);
    CHECK(table.find(peer("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")) == cookie_exchange::adaptive);
}

TEST_CASE("Rules: a table lists the exchanges that can apply, without rules hidden by earlier ones")
{
    const rule_table hidden{{.rules = {rule({"10.0.0.0/8"}, cookie_exchange::drop),
                                       rule({"10.1.0.0/16"}, cookie_exchange::adaptive)},
                             .exchange = cookie_exchange::always}};
    CHECK(hidden.has(cookie_exchange::always));
    CHECK(hidden.has(cookie_exchange::drop));
    CHECK_FALSE(hidden.has(cookie_exchange::adaptive));
    const rule_table v6{{.rules = {rule({"fd00::/8"}, cookie_exchange::adaptive)}}};
    CHECK(v6.has(cookie_exchange::adaptive));
    CHECK(rule_table{{.exchange = cookie_exchange::adaptive}}.has(cookie_exchange::adaptive));
}

TEST_CASE("Rules: the first matching rule applies, even if a later one is narrower")
{
    const rule_table table{{.rules = {rule({"10.1.0.0/16"}, cookie_exchange::drop),
                                      rule({"10.0.0.0/8", "fd00::/8"}, cookie_exchange::never),
                                      rule({"10.2.0.0/16"}, cookie_exchange::drop),
                                      rule({"0.0.0.0/0"}, cookie_exchange::adaptive)},
                            .exchange = cookie_exchange::always}};
    CHECK(table.find(peer("10.1.2.3")) == cookie_exchange::drop);
    CHECK(table.find(peer("10.0.255.255")) == cookie_exchange::never);
    CHECK(table.find(peer("10.2.0.0")) == cookie_exchange::never);
    CHECK(table.find(peer("9.255.255.255")) == cookie_exchange::adaptive);
    CHECK(table.find(peer("11.0.0.0")) == cookie_exchange::adaptive);
    CHECK(table.find(peer("fd12::1")) == cookie_exchange::never);
    CHECK(table.find(peer("fe00::")) == cookie_exchange::always);
}

TEST_CASE("Rules: IPv4 and IPv6 networks contain only their own family, and an IPv4-mapped address is IPv4")
{
    const rule_table table{{.rules = {rule({"::/0"}, cookie_exchange::drop),
                                      rule({"::ffff:10.0.0.0/104"}, cookie_exchange::never)},
                            .exchange = cookie_exchange::always}};
    CHECK(table.find(peer("::1")) == cookie_exchange::drop);
    CHECK(table.find(peer("10.9.8.7")) == cookie_exchange::never);
    CHECK(table.find(peer("::ffff:10.9.8.7")) == cookie_exchange::never);
    CHECK(table.find(peer("11.0.0.1")) == cookie_exchange::always);
}

TEST_CASE("Rules: a network includes its first and last address")
{
    const rule_table table{
        {.rules = {rule({"192.0.2.64/26", "255.255.255.255/32", "0.0.0.0/32"}, cookie_exchange::drop),
                   rule({"ffff::/16"}, cookie_exchange::never)},
         .exchange = cookie_exchange::always}};
    for (const auto* inside : {"192.0.2.64", "192.0.2.127", "255.255.255.255", "0.0.0.0"})
        CHECK(table.find(peer(inside)) == cookie_exchange::drop);
    for (const auto* outside : {"192.0.2.63", "192.0.2.128", "255.255.255.254", "0.0.0.1"})
        CHECK(table.find(peer(outside)) == cookie_exchange::always);
    CHECK(table.find(peer("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")) == cookie_exchange::never);
    CHECK(table.find(peer("fffe:ffff::")) == cookie_exchange::always);
}

TEST_CASE("Rules: the table agrees with the literal definition for a thousand nested networks")
{
    std::mt19937 random{4347};
    cookie_policy policy{.exchange = cookie_exchange::always};
    constexpr std::array exchanges{cookie_exchange::always, cookie_exchange::never, cookie_exchange::adaptive,
                                   cookie_exchange::drop};
    const auto address = [&] {  // few different bytes, so that networks overlap
        std::string text = "10";
        for (int i = 0; i < 3; ++i) text += "." + std::to_string(random() % 4);
        return text;
    };
    for (int i = 0; i < 1'000; ++i)
        policy.rules.push_back(
            {.networks = {network::enclosing(address() + "/" + std::to_string(8 + random() % 25)).value()},
             .exchange = exchanges[random() % exchanges.size()]});
    const rule_table table{policy};
    for (int i = 0; i < 2'000; ++i) {
        const auto endpoint = peer(address());
        REQUIRE(table.find(endpoint) == first_match(policy, endpoint));
    }
}
