#pragma once

#include "config/problem.hpp"
#include "config/ranges.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace quivive::config {

/// Formatter of values: one of `count_text`, `size_text`, `duration_text`, `percent_text`.
template <typename T>
using text_of = std::string (*)(T);

[[nodiscard]] inline std::string count_text(std::size_t count) { return std::to_string(count); }

/// Returns text such as "50ms..365d".
template <typename T>
[[nodiscard]] std::string range_text(const range<T>& range, text_of<T> text)
{
    return text(range.least) + ".." + text(range.most);
}

/// Adds a problem when `value` is out of range.
template <typename T>
void check_range(std::vector<problem>& problems, std::string key, const T& value, const range<T>& range,
                 text_of<T> text)
{
    if (!range.holds(value))
        problems.push_back(
            {std::move(key), "is " + text(value) + "; it must be " + range_text(range, text), {}});
}

}  // namespace quivive::config
