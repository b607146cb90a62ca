#pragma once

namespace quivive::gate {

// Features that -DQUIVIVE_COOKIES=RUNTIME|ALWAYS|NEVER compiles into the library. Only this file and
// tls/cookies.cpp depend on it. The latter is empty without cookies.
#if defined(QUIVIVE_COOKIES_ALWAYS)
inline constexpr bool can_challenge = true;
inline constexpr bool can_admit_unvalidated = false;
#elif defined(QUIVIVE_COOKIES_NEVER)
inline constexpr bool can_challenge = false;
inline constexpr bool can_admit_unvalidated = true;
#elif defined(QUIVIVE_COOKIES_RUNTIME)
inline constexpr bool can_challenge = true;
inline constexpr bool can_admit_unvalidated = true;
#else
#    error "one of QUIVIVE_COOKIES_RUNTIME, QUIVIVE_COOKIES_ALWAYS, QUIVIVE_COOKIES_NEVER must be defined"
#endif
/// True when the server can both challenge unknown peers and admit them without a cookie.
inline constexpr bool can_adapt = can_challenge && can_admit_unvalidated;

}  // namespace quivive::gate
