#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quivive::config {

/// How many letters must be put in, taken out, changed or swapped with the next to make `a` of `b`
/// (Damerau-Levenshtein, each letter touched once); or any number above `most`, if it is more than that.
[[nodiscard]] std::size_t distance(std::string_view a, std::string_view b, std::size_t most);

struct suggestion {
    std::string text;     ///< continues "is unknown; "
    std::string nearest;  ///< the name in the same table that was probably meant; or empty
};

/// What was meant by an unknown `name` in a table ("", "limits", "cookies.rule[]").
[[nodiscard]] suggestion suggest(std::string_view table, std::string_view name);

}  // namespace quivive::config
