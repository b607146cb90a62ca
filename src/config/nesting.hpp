#pragma once

#include "config/document.hpp"

#include <optional>
#include <string_view>

namespace quivive::config {

/// Maximum dots of a TOML statement outside of its strings and comments.
inline constexpr std::size_t max_dots = 100;

/// Returns the position of the first statement with more dots, if any. `a.b.c = 1` defines nested tables, and
/// toml++ 3.3 does not limit their depth: a line of 300 000 names overflows the stack. (It limits brackets,
/// to 256.)
[[nodiscard]] std::optional<position> too_deep(std::string_view text);

}  // namespace quivive::config
