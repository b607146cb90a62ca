#pragma once

#include "config/document.hpp"

#include <optional>
#include <string_view>

namespace quivive::config {

/// Dots that a statement of TOML may have outside of its strings and comments.
inline constexpr std::size_t most_dots = 100;

/// Where a statement has more dots than that, if any does. `a.b.c = 1` makes a table in a table, and toml++
/// 3.3 lays no limit on it: a line of 300 000 names overflows the stack. (Brackets it does limit, to 256.)
[[nodiscard]] std::optional<position> too_deep(std::string_view text);

}  // namespace quivive::config
