#pragma once

#include "gate/key_ring.hpp"
#include "quivive/cookie_policy.hpp"
#include "quivive/drop_reason.hpp"
#include "tls/cookie_functions.hpp"
#include "wire/client_hello.hpp"
#include "wire/endpoint.hpp"

#include <memory>

namespace quivive::gate {

enum class judgement : unsigned char { admit, challenge, drop };

struct verdict {
    judgement kind = judgement::drop;
    bool proven = false;   ///< admitted, and gave back a cookie
    drop_reason reason{};  ///< when dropped
};

/// Asks strangers who they are (RFC 6347 4.2.1), and keeps nothing of them. An empty cookie costs no HMAC, a
/// wrong one an HMAC for each of the two live keys; neither makes a session. Allocates nothing. Not
/// thread-safe.
class gate {
public:
    /// `cookies` is null in a build without cookies only.
    gate(const cookie_policy& policy, std::unique_ptr<const tls::cookie_functions> cookies,
         random_source random, time_point now);

    /// What the policy and the hello's cookie say. A wrong cookie is treated as none (RFC 6347 4.2.1).
    [[nodiscard]] verdict judge(const wire::client_hello_view& hello, const wire::path& path,
                                time_point now) noexcept;

    /// Writes the HelloVerifyRequest, which is never longer than the record it answers. Precondition: `judge`
    /// did not say drop. False: there is none to be sent, GnuTLS having failed (a cookie proves nothing then
    /// either), or this build having no cookies.
    [[nodiscard]] bool challenge(const wire::client_hello_view& hello, const wire::path& path, time_point now,
                                 tls::hello_verify_request& out) noexcept;

private:
    [[nodiscard]] bool proves(const wire::client_hello_view& hello, const wire::path& path,
                              time_point now) noexcept;

    cookie_exchange exchange_;
    std::unique_ptr<const tls::cookie_functions> cookies_;
    key_ring keys_;
};

}  // namespace quivive::gate
