#include "config/cookie_policy.hpp"

#include "config/range_text.hpp"
#include "config/units.hpp"
#include "gate/build.hpp"

#include <algorithm>

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
    if constexpr (!gate::can_admit_unvalidated) return cookie_build::always;
    return cookie_build::runtime;
}

cookie_exchange default_cookie_exchange() noexcept
{
    return gate::can_challenge ? cookie_exchange::always : cookie_exchange::never;
}

namespace config {

namespace {

constexpr auto* without_cookies =
    "without it anyone who forges source addresses can make this server allocate state and spend CPU (denial "
    "of service), and send its larger flights to a victim (amplification)";

// Returns whether this build has no code for `exchange`. `refusal_of_build` returns the message.
bool refused_by_build(cookie_exchange exchange) noexcept
{
    const bool unproven = exchange == cookie_exchange::never || exchange == cookie_exchange::adaptive;
    const bool challenges = exchange == cookie_exchange::always || exchange == cookie_exchange::adaptive;
    return (unproven && !gate::can_admit_unvalidated) || (challenges && !gate::can_challenge);
}

std::string refusal_of_build(cookie_exchange exchange)
{
    return "is \"" + std::string{to_string(exchange)} + "\", but this build " +
           (gate::can_challenge ? "always requires a cookie (QUIVIVE_COOKIES=ALWAYS); use \"always\""
                                : "does not support cookies (QUIVIVE_COOKIES=NEVER); use \"never\"") +
           " or \"drop\", or a build with -DQUIVIVE_COOKIES=RUNTIME";
}

void check_exchange(std::vector<problem>& problems, std::string key, cookie_exchange exchange, bool everyone,
                    bool trusted)
{
    if (refused_by_build(exchange)) {
        problems.push_back({std::move(key), refusal_of_build(exchange), {}});
        return;
    }
    // In a build without cookies, "never" was chosen at build time.
    if (gate::can_challenge && exchange == cookie_exchange::never && everyone && !trusted)
        problems.push_back(
            {std::move(key),
             std::string{"is \"never\" for all networks; RFC 6347 4.2.1 enables the exchange by "
                         "default, because "} +
                 without_cookies +
                 "; set trust_all_networks (--trust-all-networks) when no source address can "
                 "be forged, or use \"always\"",
             "cookies.trust_all_networks"});
}

void check_rules(std::vector<problem>& problems, const cookie_policy& policy)
{
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        const auto& rule = policy.rules[i];
        if (rule.networks.empty())
            problems.push_back({rule_key(i) + ".networks",
                                "is empty, so the rule matches no peer; name at least one network, such as "
                                "\"10.20.0.0/16\"",
                                {}});
        check_exchange(problems, rule_key(i) + ".exchange", rule.exchange, names_everyone(rule),
                       policy.trust_all_networks);
    }
}

void check_secret(std::vector<problem>& problems, const cookie_policy& policy)
{
    if (!gate::can_challenge && !policy.secret_file.empty())
        problems.push_back({"cookies.secret_file",
                            "has no effect, since this build has no cookies (QUIVIVE_COOKIES=NEVER); remove "
                            "it, or use a build with -DQUIVIVE_COOKIES=RUNTIME",
                            {}});
}

template <typename T>
void check_marks(std::vector<problem>& problems, const std::string& measure, range<T> range, T high, T low,
                 text_of<T> text)
{
    const auto key = "cookies.adaptive." + measure;
    check_range(problems, key + "_high", high, range, text);
    check_range(problems, key + "_low", low, range, text);
    if (range.holds(high) && range.holds(low) && low >= high)
        problems.push_back({key + "_low",
                            measure + "_low is " + text(low) + " and " + measure + "_high is " + text(high) +
                                "; the low mark must be below the high one",
                            key + "_high"});
}

}  // namespace

std::string rule_key(std::size_t index) { return "cookies.rule[" + std::to_string(index) + "]"; }

bool names_everyone(const cookie_rule& rule)
{
    return std::ranges::any_of(rule.networks, [](const network& each) { return each.prefix_length() == 0; });
}

std::vector<problem> check(const cookie_policy& policy)
{
    std::vector<problem> problems;
    check_exchange(problems, "cookies.exchange", policy.exchange, true, policy.trust_all_networks);
    check_range(problems, "cookies.rotate_every", policy.rotate_every, rotate_range, &duration_text);
    check_secret(problems, policy);
    check_rules(problems, policy);

    const auto& marks = policy.adaptive;
    check_marks(problems, "half_open", any_count, marks.half_open_high, marks.half_open_low, &count_text);
    check_marks(problems, "hellos_per_second", any_count, marks.hellos_per_second_high,
                marks.hellos_per_second_low, &count_text);
    check_marks(problems, "handshake_cpu", percent_mark_range, marks.handshake_cpu_percent_high,
                marks.handshake_cpu_percent_low, &percent_text);
    check_range(problems, "cookies.adaptive.hold", marks.hold, hold_range, &duration_text);
    return problems;
}

}  // namespace config

}  // namespace quivive
