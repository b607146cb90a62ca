#include "config/cookie_policy.hpp"
#include "quivive/server_config.hpp"

#include <algorithm>

namespace quivive {

namespace {

constexpr std::size_t most_networks_told = 8;

constexpr auto* consequence =
    "are admitted without a cookie (RFC 6347 4.2.1), so a forged source address costs this server a "
    "handshake's memory and CPU, and its owner several times the bytes";

std::string networks_of(const cookie_rule& rule)
{
    std::string text;
    const auto told = std::min(rule.networks.size(), most_networks_told);
    for (std::size_t i = 0; i < told; ++i)
        text.append(i == 0 ? "" : ", ").append(to_string(rule.networks[i]));
    const auto more = rule.networks.size() - told;
    return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

void warn_of_everyone(const cookie_policy& policy, std::vector<std::string>& warnings)
{
    const bool trusted = policy.trust_all_networks;
    if (policy.exchange == cookie_exchange::never)
        warnings.push_back(std::string{trusted ? "cookies.trust_all_networks: is true, and cookies.exchange "
                                               : "cookies.exchange: is "} +
                           "\"never\": strangers from all networks that no rule names " + consequence);
    else if (trusted)
        warnings.emplace_back(
            "cookies.trust_all_networks: is true, so nothing asks again before \"never\" holds for all "
            "networks (RFC 6347 4.2.1 has the exchange on by default)");
}

void warn_of_rules(const cookie_policy& policy, std::vector<std::string>& warnings)
{
    for (std::size_t i = 0; i < policy.rules.size(); ++i)
        if (policy.rules[i].exchange == cookie_exchange::never)
            warnings.push_back(config::rule_key(i) + ": exchange is \"never\": strangers from " +
                               networks_of(policy.rules[i]) + " " + consequence);
}

}  // namespace

std::vector<std::string> warnings(const server_config& config)
{
    std::vector<std::string> warnings;
    warn_of_everyone(config.cookies, warnings);
    warn_of_rules(config.cookies, warnings);
    if (config.dtls_1_0)
        warnings.emplace_back("dtls10: is true: DTLS 1.0 is offered, which RFC 9325 3.1.2 forbids");
    if (!config.state.empty() && config.record_layer == record_layer::attached)
        warnings.emplace_back(
            "state: sessions cannot be exported while record_layer is \"attached\"; they end with the "
            "process");
    return warnings;
}

}  // namespace quivive
