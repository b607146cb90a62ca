#pragma once

#include <cstddef>

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define QUIVIVE_SANITIZED 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define QUIVIVE_SANITIZED 1
#    endif
#    if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#        define __SANITIZE_ADDRESS__ 1  // as GCC says it
#    endif
#endif

namespace quivive::test {

/// Under sanitizers memory does not come from malloc, and everything is slower.
#if defined(QUIVIVE_SANITIZED)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// All that malloc has handed out, to any thread, with its own headers and rounding: GnuTLS's share too.
inline std::size_t allocated()
{
    const auto all = ::mallinfo2();
    return all.uordblks + all.hblkhd;
}

}  // namespace quivive::test
