#include "gate/gate.hpp"

#include "gate/build.hpp"
#include "gate/client_data.hpp"

namespace quivive::gate {

gate::gate(const cookie_policy& policy, std::unique_ptr<const tls::cookie_functions> cookies,
           random_source random, time_point now)
    : exchange_{policy.exchange},
      cookies_{std::move(cookies)},
      keys_{policy.rotate_every, std::move(random), now}
{
}

verdict gate::judge(const wire::client_hello_view& hello, const wire::path& path, time_point now) noexcept
{
    if (!client_data::fits(hello)) return {judgement::drop, false, drop_reason::malformed_client_hello};
    if constexpr (can_challenge)
        if (!hello.cookie.empty() && proves(hello, path, now)) return {judgement::admit, true, {}};
    if constexpr (can_admit_unproven)
        if (exchange_ == cookie_exchange::never) return {judgement::admit, false, {}};
    return {judgement::challenge, false, {}};
}

bool gate::proves(const wire::client_hello_view& hello, const wire::path& path, time_point now) noexcept
{
    if (!keys_.rotate(now)) return false;
    const client_data data{hello, path};
    return cookies_->verify(keys_.current(), data.bytes(), hello) ||
           cookies_->verify(keys_.previous(), data.bytes(), hello);
}

bool gate::challenge(const wire::client_hello_view& hello, const wire::path& path, time_point now,
                     tls::hello_verify_request& out) noexcept
{
    if constexpr (!can_challenge) return false;
    // Never an amplifier, whatever the parser lets through.
    if (hello.record.size() < out.size()) return false;
    if (!keys_.rotate(now)) return false;
    return cookies_->challenge(keys_.current(), client_data{hello, path}.bytes(), hello, out);
}

}  // namespace quivive::gate
