#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quivive::config {

// Quantities in a configuration file. The parsers accept only whole numbers with a unit. They return the
// largest value of the type on overflow, which the range check then refuses.

/// Parses a duration such as "30s", "250ms" or "1m30s". Units: d, h, m, s, ms, the larger unit first.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

/// Parses a size such as "64KiB", "64kB" or "512B". Units: B, kB, MB, GB (powers of 1000), KiB, MiB, GiB
/// (powers of 1024).
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text);
/// Returns text such as "64KiB", or the number of bytes if it is no multiple of a KiB.
[[nodiscard]] std::string size_text(std::size_t bytes);

/// Parses a percentage such as `50%`.
[[nodiscard]] std::optional<unsigned> parse_percent(std::string_view text);
[[nodiscard]] std::string percent_text(unsigned percent);

}  // namespace quivive::config
