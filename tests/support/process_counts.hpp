#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace quivive::test {

inline std::size_t entries_of(const char* folder)
{
    const std::filesystem::directory_iterator all{folder};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// How many descriptors this process has open, the one for looking included.
inline std::size_t open_files() { return entries_of("/proc/self/fd"); }

inline std::size_t running_threads() { return entries_of("/proc/self/task"); }

}  // namespace quivive::test
