#include "config/cookie_policy.hpp"

#include "gate/build.hpp"

namespace quivive {

std::string_view to_string(cookie_exchange exchange) noexcept
{
    switch (exchange) {
        case cookie_exchange::always:
            return "always";
        case cookie_exchange::never:
            return "never";
    }
    return "unknown";
}

cookie_build compiled_cookies() noexcept
{
    if constexpr (!gate::can_challenge) return cookie_build::never;
    if constexpr (!gate::can_admit_unproven) return cookie_build::always;
    return cookie_build::runtime;
}

cookie_exchange default_cookie_exchange() noexcept
{
    return gate::can_challenge ? cookie_exchange::always : cookie_exchange::never;
}

namespace config {

std::vector<std::string> check(const cookie_policy& policy)
{
    std::vector<std::string> problems;
    const auto build = compiled_cookies();
    if (policy.exchange == cookie_exchange::never && build == cookie_build::always)
        problems.emplace_back(
            "cookies: the exchange is \"never\", but this build always asks for a cookie "
            "(QUIVIVE_COOKIES=ALWAYS); use \"always\", or a build with QUIVIVE_COOKIES=RUNTIME");
    else if (policy.exchange == cookie_exchange::always && build == cookie_build::never)
        problems.emplace_back(
            "cookies: the exchange is \"always\", but this build has no cookies (QUIVIVE_COOKIES=NEVER); "
            "use \"never\", or a build with QUIVIVE_COOKIES=RUNTIME");
    else if (policy.exchange == cookie_exchange::never && build == cookie_build::runtime &&
             !policy.trust_all_networks)
        problems.emplace_back(
            "cookies: the exchange is \"never\" for all networks; RFC 6347 4.2.1 has it on by default, "
            "because without "
            "it anyone who forges source addresses can make this server allocate state and spend CPU (denial "
            "of "
            "service), and send its larger flights to a victim (amplification); set trust_all_networks "
            "(--trust-all-networks) when no source address can be forged, or use \"always\"");
    if (policy.rotate_every < std::chrono::seconds{1})
        problems.push_back("cookies.rotate_every is " + std::to_string(policy.rotate_every.count()) +
                           " ms; it must be at least 1000 ms, or cookies end before they come back");
    return problems;
}

}  // namespace config

}  // namespace quivive
