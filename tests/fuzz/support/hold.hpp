#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace quivive::fuzz {

/// What must be true whatever the input. Ends the process when it is not: that is how a fuzzer knows.
inline void hold(bool condition, const char* what,
                 std::source_location where = std::source_location::current())
{
    if (condition) return;
    std::fprintf(stderr, "%s:%u: does not hold: %s\n", where.file_name(), where.line(), what);
    std::abort();
}

}  // namespace quivive::fuzz
