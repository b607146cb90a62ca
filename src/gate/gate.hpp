#pragma once

#include "gate/cookie_keys.hpp"
#include "gate/rule_table.hpp"
#include "quivive/drop_reason.hpp"
#include "tls/cookie_functions.hpp"
#include "wire/client_hello.hpp"
#include "wire/endpoint.hpp"

#include <memory>

namespace quivive::gate {

enum class action : unsigned char { admit, challenge, drop };

struct verdict {
    action kind = action::drop;
    bool validated = false;  ///< admitted with a valid cookie
    bool amplification_limited =
        false;             ///< admitted under the amplification limit (`gate::amplification_limiter`)
    drop_reason reason{};  ///< when dropped
};

/// Challenges unknown peers with a cookie (RFC 6347 4.2.1), according to the rule of their network. Stores
/// nothing about them. An empty cookie costs no HMAC. A wrong one costs one HMAC for each live key. Neither
/// creates a session. Allocates nothing. Not thread-safe.
class gate {
public:
    /// `cookies` and `keys` are null only in a build without cookies.
    gate(std::shared_ptr<const rule_table> rules, std::unique_ptr<const tls::cookie_functions> cookies,
         std::unique_ptr<cookie_keys> keys);

    /// Replaces the rules, or the keys.
    void use(std::shared_ptr<const rule_table> rules) noexcept { rules_ = std::move(rules); }
    void use(std::unique_ptr<cookie_keys> keys) noexcept { keys_ = std::move(keys); }

    /// Evaluates the rule of the peer's network and the cookie of the hello. Treats a wrong cookie like none
    /// (RFC 6347 4.2.1).
    [[nodiscard]] verdict evaluate(const wire::client_hello_view& hello, const wire::path& path,
                                   bool high_load, time_point now) noexcept;

    /// Writes the HelloVerifyRequest, which is never longer than the record it answers. Precondition:
    /// `evaluate` did not return `drop`. Returns false when there is none to send: the keys or GnuTLS failed,
    /// or this build has no cookies. After such a failure no cookie verifies either.
    [[nodiscard]] bool challenge(const wire::client_hello_view& hello, const wire::path& path, time_point now,
                                 tls::hello_verify_request& out) noexcept;

private:
    [[nodiscard]] bool has_valid_cookie(const wire::client_hello_view& hello, const wire::path& path,
                                        time_point now) noexcept;

    std::shared_ptr<const rule_table> rules_;
    std::unique_ptr<const tls::cookie_functions> cookies_;
    std::unique_ptr<cookie_keys> keys_;
};

}  // namespace quivive::gate
