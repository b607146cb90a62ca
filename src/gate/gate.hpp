#pragma once

#include "gate/cookie_keys.hpp"
#include "gate/rule_table.hpp"
#include "quivive/drop_reason.hpp"
#include "tls/cookie_functions.hpp"
#include "wire/client_hello.hpp"
#include "wire/endpoint.hpp"

#include <memory>

namespace quivive::gate {

enum class judgement : unsigned char { admit, challenge, drop };

struct verdict {
    judgement kind = judgement::drop;
    bool proven = false;     ///< admitted, and gave back a cookie
    bool on_budget = false;  ///< admitted, and shall be sent no more than it may (`dispatch::budget`)
    drop_reason reason{};    ///< when dropped
};

/// Asks strangers who they are (RFC 6347 4.2.1), as their network's rule has it, and keeps nothing of them.
/// An empty cookie costs no HMAC, a wrong one an HMAC for each live key; neither makes a session. Allocates
/// nothing. Not thread-safe.
class gate {
public:
    /// `cookies` and `keys` are null in a build without cookies only.
    gate(std::shared_ptr<const rule_table> rules, std::unique_ptr<const tls::cookie_functions> cookies,
         std::unique_ptr<cookie_keys> keys);

    /// Other rules, or other keys, from now on.
    void use(std::shared_ptr<const rule_table> rules) noexcept { rules_ = std::move(rules); }
    void use(std::unique_ptr<cookie_keys> keys) noexcept { keys_ = std::move(keys); }

    /// What the rule of the peer's network and the hello's cookie say. A wrong cookie is treated as none (RFC
    /// 6347 4.2.1).
    [[nodiscard]] verdict judge(const wire::client_hello_view& hello, const wire::path& path, bool high_load,
                                time_point now) noexcept;

    /// Writes the HelloVerifyRequest, which is never longer than the record it answers. Precondition: `judge`
    /// did not say drop. False: there is none to be sent, GnuTLS having failed (a cookie proves nothing then
    /// either), or this build having no cookies.
    [[nodiscard]] bool challenge(const wire::client_hello_view& hello, const wire::path& path, time_point now,
                                 tls::hello_verify_request& out) noexcept;

private:
    [[nodiscard]] bool proves(const wire::client_hello_view& hello, const wire::path& path,
                              time_point now) noexcept;

    std::shared_ptr<const rule_table> rules_;
    std::unique_ptr<const tls::cookie_functions> cookies_;
    std::unique_ptr<cookie_keys> keys_;
};

}  // namespace quivive::gate
