#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace quivive::fuzz {

/// Checks a condition that must hold for every input. Aborts otherwise, which the fuzzer detects.
inline void hold(bool condition, const char* what,
                 std::source_location where = std::source_location::current())
{
    if (condition) return;
    std::fprintf(stderr, "%s:%u: does not hold: %s\n", where.file_name(), where.line(), what);
    std::abort();
}

}  // namespace quivive::fuzz
