#pragma once

namespace quivive::gate {

// What -DQUIVIVE_COOKIES=RUNTIME|ALWAYS|NEVER leaves in the library. The one place that looks at it, but for
// tls/cookies.cpp, which is empty without cookies.
#if defined(QUIVIVE_COOKIES_ALWAYS)
inline constexpr bool can_challenge = true;
inline constexpr bool can_admit_unproven = false;
#elif defined(QUIVIVE_COOKIES_NEVER)
inline constexpr bool can_challenge = false;
inline constexpr bool can_admit_unproven = true;
#elif defined(QUIVIVE_COOKIES_RUNTIME)
inline constexpr bool can_challenge = true;
inline constexpr bool can_admit_unproven = true;
#else
#    error "one of QUIVIVE_COOKIES_RUNTIME, QUIVIVE_COOKIES_ALWAYS, QUIVIVE_COOKIES_NEVER must be defined"
#endif
/// Whether a stranger can meet the one today and the other tomorrow.
inline constexpr bool can_adapt = can_challenge && can_admit_unproven;

}  // namespace quivive::gate
