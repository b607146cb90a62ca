#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace quivive::test {

[[nodiscard]] inline bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// Returns whether one of the sentences contains `part`.
[[nodiscard]] inline bool any_has(const std::vector<std::string>& sentences, std::string_view part)
{
    return std::ranges::any_of(sentences, [part](const auto& each) { return has(each, part); });
}

}  // namespace quivive::test
