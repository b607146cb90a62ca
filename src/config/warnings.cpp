#include "config/connection_ids.hpp"
#include "config/cookie_policy.hpp"
#include "quivive/server_config.hpp"

#include <algorithm>

namespace quivive {

namespace {

constexpr std::size_t max_networks_told = 8;

constexpr auto* consequence =
    "are admitted without a cookie (RFC 6347 4.2.1), so a datagram with a forged source address costs this "
    "server the memory and CPU of a handshake, and sends the owner of that address several times the bytes";

std::string names_of(const std::vector<network>& networks)
{
    std::string text;
    const auto told = std::min(networks.size(), max_networks_told);
    for (std::size_t i = 0; i < told; ++i) text.append(i == 0 ? "" : ", ").append(to_string(networks[i]));
    const auto more = networks.size() - told;
    return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

void warn_of_everyone(const cookie_policy& policy, std::vector<std::string>& warnings)
{
    const bool trusted = policy.trust_all_networks;
    if (policy.exchange == cookie_exchange::never)
        warnings.push_back(std::string{trusted ? "cookies.trust_all_networks: is true, and cookies.exchange "
                                               : "cookies.exchange: is "} +
                           "\"never\": unknown peers from all networks that no rule names " + consequence);
    else if (trusted)
        warnings.emplace_back(
            "cookies.trust_all_networks: is true, so \"never\" for all networks is accepted without a "
            "further check (RFC 6347 4.2.1 enables the exchange by default)");
}

void warn_of_rules(const cookie_policy& policy, std::vector<std::string>& warnings)
{
    for (std::size_t i = 0; i < policy.rules.size(); ++i)
        if (policy.rules[i].exchange == cookie_exchange::never)
            warnings.push_back(config::rule_key(i) + ": exchange is \"never\": unknown peers from " +
                               names_of(policy.rules[i].networks) + " " + consequence);
}

void warn_of_moves(const connection_id_policy& policy, std::vector<std::string>& warnings)
{
    constexpr auto* believed =
        " counts as validation of that address (RFC 9146 6), so an attacker who copies a client's records "
        "and forges a source address there can direct the session's traffic at the owner of that address";
    if (!policy.enabled) return;
    if (policy.moves == move_policy::trusted)
        warnings.push_back(
            std::string{"connection_ids.moves: is \"trusted\": a move to any address that no rule names"} +
            believed);
    for (std::size_t i = 0; i < policy.rules.size(); ++i)
        if (policy.rules[i].moves == move_policy::trusted)
            warnings.push_back(config::move_rule_key(i) + ": moves is \"trusted\": a move to an address in " +
                               names_of(policy.rules[i].networks) + believed);
}

}  // namespace

std::vector<std::string> warnings(const server_config& config)
{
    std::vector<std::string> warnings;
    warn_of_everyone(config.cookies, warnings);
    warn_of_rules(config.cookies, warnings);
    warn_of_moves(config.connection_ids, warnings);
    if (config.dtls_1_0)
        warnings.emplace_back("dtls10: is true: DTLS 1.0 is offered, which RFC 9325 3.1.2 forbids");
    if (!config.alpn.empty() && !config.alpn_required)
        warnings.emplace_back(
            "alpn_required: is false: clients that offer none of the protocols in alpn are served anyway, "
            "which RFC 7301 3.2 forbids");
    if (!config.state.empty() && config.record_layer == record_layer::attached)
        warnings.emplace_back(
            "state: sessions cannot be exported while record_layer is \"attached\"; they end with the "
            "process");
    return warnings;
}

}  // namespace quivive
