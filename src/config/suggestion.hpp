#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quivive::config {

/// Returns the Damerau-Levenshtein distance (optimal string alignment: each letter is edited at most once) of
/// `a` and `b`. Returns any number above `most` if the distance is above `most`.
[[nodiscard]] std::size_t distance(std::string_view a, std::string_view b, std::size_t most);

struct suggestion {
    std::string text;     ///< continues "is unknown; "
    std::string nearest;  ///< the name in the same table that was probably intended, or empty
};

/// Returns a suggestion for an unknown `name` in a table ("", "limits", "cookies.rule[]").
[[nodiscard]] suggestion suggest(std::string_view table, std::string_view name);

}  // namespace quivive::config
