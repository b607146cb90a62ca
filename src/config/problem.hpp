#pragma once

#include <string>
#include <vector>

namespace quivive::config {

/// Something of a configuration that cannot be used. Keys are called as in a configuration file.
struct problem {
    std::string key;    ///< "limits.idle_timeout", "cookies.rule[0].networks"
    std::string text;   ///< what is wrong; what would be right
    std::string other;  ///< a second key that it is about, or empty
};

/// "limits.max_sessions: is 0; it must be 1..1000000000"
[[nodiscard]] inline std::vector<std::string> sentences(const std::vector<problem>& problems)
{
    std::vector<std::string> result;
    for (const auto& each : problems) result.push_back(each.key + ": " + each.text);
    return result;
}

}  // namespace quivive::config
