#pragma once

// Catch2 2.13 (Debian 12) and 3.x have different headers for the same macros.
#if __has_include(<catch2/catch_all.hpp>)
#    include <catch2/catch_all.hpp>
#else
#    include <catch2/catch.hpp>
#endif

#include <string>

namespace quivive::test {

using Catch::Matchers::StartsWith;

/// Matches a text that has `part` in it.
inline auto has_part(const std::string& part)
{
#if __has_include(<catch2/catch_all.hpp>)
    return Catch::Matchers::ContainsSubstring(part);
#else
    return Catch::Matchers::Contains(part);
#endif
}

}  // namespace quivive::test
