#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quivive::config {

// Quantities as a configuration file has them. The readers take whole numbers with a unit and nothing else;
// what is too large to be held is given as the largest there is, for a range to refuse.

/// "30s", "250ms", "1m30s": of d, h, m, s, ms, the larger unit first.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

/// "64KiB", "64kB", "512B": of B, kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024).
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text);
/// "64KiB", or a number of bytes that is no whole KiB.
[[nodiscard]] std::string size_text(std::size_t bytes);

/// "50%"
[[nodiscard]] std::optional<unsigned> parse_percent(std::string_view text);
[[nodiscard]] std::string percent_text(unsigned percent);

}  // namespace quivive::config
