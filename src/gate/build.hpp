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
#else
inline constexpr bool can_challenge = true;
inline constexpr bool can_admit_unproven = true;
#endif

}  // namespace quivive::gate
