#pragma once

#include <string>
#include <vector>

namespace quivive::config {

/// A part of a configuration that cannot be used. Keys are named as in a configuration file.
struct problem {
    std::string key;    ///< "limits.idle_timeout", "cookies.rule[0].networks"
    std::string text;   ///< the problem and how to correct it
    std::string other;  ///< a second key that is involved, or empty
};

/// Returns sentences such as "limits.max_sessions: is 0; it must be 1..1000000000".
[[nodiscard]] inline std::vector<std::string> sentences(const std::vector<problem>& problems)
{
    std::vector<std::string> result;
    for (const auto& each : problems) result.push_back(each.key + ": " + each.text);
    return result;
}

}  // namespace quivive::config
