#pragma once

#include <cstddef>

#include <malloc.h>

// GCC and clang report sanitizers in different ways.
#if defined(__has_feature)
#    define QUIVIVE_HAS_SANITIZER(name) __has_feature(name)
#else
#    define QUIVIVE_HAS_SANITIZER(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || QUIVIVE_HAS_SANITIZER(address_sanitizer)
#    define QUIVIVE_ADDRESS_SANITIZED 1
#endif
#if defined(QUIVIVE_ADDRESS_SANITIZED) || defined(__SANITIZE_THREAD__) || \
    QUIVIVE_HAS_SANITIZER(thread_sanitizer)
#    define QUIVIVE_SANITIZED 1
#endif

namespace quivive::test {

/// Under sanitizers memory does not come from malloc, and everything is slower.
#if defined(QUIVIVE_SANITIZED)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// Returns the bytes allocated by malloc in all threads, with headers and rounding, GnuTLS's included.
inline std::size_t allocated()
{
    const auto all = ::mallinfo2();
    return all.uordblks + all.hblkhd;
}

}  // namespace quivive::test
