#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace quivive::test {

inline std::size_t entries_of(const char* folder)
{
    const std::filesystem::directory_iterator all{folder};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Returns the number of open descriptors, including the one used for counting.
inline std::size_t open_files() { return entries_of("/proc/self/fd"); }

/// Returns the resident memory of the process (RSS).
inline std::size_t resident_bytes()
{
    std::ifstream pages{"/proc/self/statm"};
    std::size_t all = 0, resident = 0;
    pages >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

inline std::size_t running_threads() { return entries_of("/proc/self/task"); }

}  // namespace quivive::test
