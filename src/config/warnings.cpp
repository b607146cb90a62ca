#include "quivive/server_config.hpp"

namespace quivive {

namespace {

constexpr auto* what_never_costs =
    " (RFC 6347 4.2.1): whoever forges a source address there makes this server spend a handshake's memory "
    "and "
    "CPU, and send several times the bytes to a victim";

std::string list(const std::vector<network>& networks)
{
    std::string text;
    for (const auto& network : networks) text += (text.empty() ? "" : ", ") + to_string(network);
    return text;
}

}  // namespace

std::vector<std::string> warnings(const server_config& config)
{
    std::vector<std::string> told;
    const auto& cookies = config.cookies;
    if (cookies.exchange == cookie_exchange::never)
        told.push_back(std::string{"cookies.exchange is \"never\" for all whom no rule names"} +
                       what_never_costs);
    if (cookies.trust_all_networks)
        told.emplace_back(
            "cookies.trust_all_networks is true: a policy without any cookie exchange is taken as meant");
    for (std::size_t i = 0; i < cookies.rules.size(); ++i)
        if (cookies.rules[i].exchange == cookie_exchange::never)
            told.push_back("cookies.rule[" + std::to_string(i) + "].exchange is \"never\" for " +
                           list(cookies.rules[i].networks) + what_never_costs);
    if (config.dtls_1_0) told.emplace_back("dtls10 is true: DTLS 1.0 is offered, against RFC 9325 3.1.2");
    return told;
}

}  // namespace quivive
