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
        case cookie_exchange::adaptive:
            return "adaptive";
        case cookie_exchange::drop:
            return "drop";
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

namespace {

constexpr auto* never_in_an_always_build =
    "cookies: the exchange is \"never\", but this build always asks for a cookie (QUIVIVE_COOKIES=ALWAYS); "
    "use \"always\", or a build with -DQUIVIVE_COOKIES=RUNTIME";
constexpr auto* always_in_a_never_build =
    "cookies: the exchange is \"always\", but this build has no cookies (QUIVIVE_COOKIES=NEVER); "
    "use \"never\", or a build with -DQUIVIVE_COOKIES=RUNTIME";
constexpr auto* never_for_everyone =
    "cookies: the exchange is \"never\" for all networks; RFC 6347 4.2.1 has it on by default, because "
    "without it anyone who forges source addresses can make this server allocate state and spend CPU (denial "
    "of service), and send its larger flights to a victim (amplification); set trust_all_networks "
    "(--trust-all-networks) when no source address can be forged, or use \"always\"";

void check_exchange(const cookie_policy& policy, std::vector<std::string>& problems)
{
    const auto build = compiled_cookies();
    const bool never = policy.exchange == cookie_exchange::never;
    if (never && build == cookie_build::always) problems.emplace_back(never_in_an_always_build);
    if (!never && build == cookie_build::never) problems.emplace_back(always_in_a_never_build);
    if (never && build == cookie_build::runtime && !policy.trust_all_networks)
        problems.emplace_back(never_for_everyone);
}

void check_rotation(const cookie_policy& policy, std::vector<std::string>& problems)
{
    using namespace std::chrono_literals;
    const auto every = "cookies.rotate_every is " + std::to_string(policy.rotate_every.count()) + " ms; ";
    if (policy.rotate_every < 1s)
        problems.push_back(every + "it must be at least 1000 ms, or cookies end before they come back");
    if (policy.rotate_every > 24h)  // RFC 6347 4.2.1: the secret SHOULD change frequently
        problems.push_back(every +
                           "it must be at most 86400000 ms, a day, or a stolen key is of use for long");
}

}  // namespace

std::vector<std::string> check(const cookie_policy& policy)
{
    std::vector<std::string> problems;
    check_exchange(policy, problems);
    check_rotation(policy, problems);
    return problems;
}

}  // namespace config

}  // namespace quivive
