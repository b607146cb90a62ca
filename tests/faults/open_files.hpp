#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace quivive::test {

/// How many descriptors this process has open, the one for looking included.
inline std::size_t open_files()
{
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace quivive::test
