#include "gate/gate.hpp"

#include "gate/build.hpp"
#include "gate/client_data.hpp"

#include <algorithm>

namespace quivive::gate {

gate::gate(std::shared_ptr<const rule_table> rules, std::unique_ptr<const tls::cookie_functions> cookies,
           std::unique_ptr<cookie_keys> keys)
    : rules_{std::move(rules)}, cookies_{std::move(cookies)}, keys_{std::move(keys)}
{
}

verdict gate::evaluate(const wire::client_hello_view& hello, const wire::path& path, bool high_load,
                       time_point now) noexcept
{
    if (!client_data::fits(hello)) return {.reason = drop_reason::malformed_client_hello};
    const auto exchange = rules_->find(path.peer);
    if (exchange == cookie_exchange::drop) return {.reason = drop_reason::refused_by_policy};
    if constexpr (can_challenge)
        if (!hello.cookie.empty() && has_valid_cookie(hello, path, now))
            return {.kind = action::admit, .validated = true};
    if constexpr (can_admit_unvalidated)
        if (exchange == cookie_exchange::never) return {.kind = action::admit};
    if constexpr (can_adapt)
        if (exchange == cookie_exchange::adaptive && !high_load)
            return {.kind = action::admit, .amplification_limited = true};
    return {.kind = action::challenge};
}

bool gate::has_valid_cookie(const wire::client_hello_view& hello, const wire::path& path,
                            time_point now) noexcept
{
    if (!keys_->refresh(now)) return false;
    const client_data data{hello, path};
    return std::ranges::any_of(keys_->live(), [&](const tls::cookie_key& key) {
        return cookies_->verify(key, data.bytes(), hello);
    });
}

bool gate::challenge(const wire::client_hello_view& hello, const wire::path& path, time_point now,
                     tls::hello_verify_request& out) noexcept
{
    if constexpr (!can_challenge) return false;
    // Never amplifies, whatever the parser accepts.
    if (hello.record.size() < out.size()) return false;
    if (!keys_->refresh(now)) return false;
    return cookies_->challenge(keys_->live().front(), client_data{hello, path}.bytes(), hello, out);
}

}  // namespace quivive::gate
