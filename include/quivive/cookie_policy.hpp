#pragma once

#include <chrono>
#include <string_view>

namespace quivive {

/// What a stranger meets: the cookie exchange of RFC 6347 4.2.1, or not.
enum class cookie_exchange : unsigned char {
    always,  ///< a HelloVerifyRequest first; nothing is kept of the peer until its cookie comes back
    never,   ///< the first ClientHello makes a session: for networks without forged source addresses only
};

[[nodiscard]] std::string_view to_string(cookie_exchange exchange) noexcept;

/// What this build of the library contains (`-DQUIVIVE_COOKIES=RUNTIME|ALWAYS|NEVER`).
enum class cookie_build : unsigned char {
    runtime,  ///< the policy decides
    always,   ///< the way past the cookie is not compiled in
    never,    ///< the cookie code is not compiled in
};

[[nodiscard]] cookie_build compiled_cookies() noexcept;

/// `never` in a build without cookies, else `always`.
[[nodiscard]] cookie_exchange default_cookie_exchange() noexcept;

struct cookie_policy {
    /// For all whom no rule names.
    cookie_exchange exchange = default_cookie_exchange();

    /// Must be true for `exchange = never`: RFC 6347 4.2.1 has the exchange on by default, since without it
    /// anyone with a forged source address makes this server spend memory and CPU, and send several times
    /// the bytes to a victim. Not needed in a build without cookies, where that was decided at build time.
    bool trust_all_networks = false;

    /// How long a cookie key signs. It is accepted for as long again, so a cookie lives this long at least,
    /// and twice this long at most. From one second to one day.
    std::chrono::milliseconds rotate_every{30'000};
};

}  // namespace quivive
