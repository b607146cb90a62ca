#pragma once

#include "quivive/metrics.hpp"

#include <span>
#include <string_view>

namespace quivive::program {

/// Description of one member of `metrics`, for the report at exit and for a scraper.
struct metric {
    enum class kind : unsigned char { counter, gauge };

    std::string_view name;
    kind what;
    std::uint64_t metrics::*value;
    std::string_view help;
};

/// Returns all metrics except the counters by reason, in the order of the header.
[[nodiscard]] std::span<const metric> all_metrics() noexcept;

/// An additional counter of a command.
struct named_count {
    std::string_view name;
    std::uint64_t value;
    std::string_view help;
};

}  // namespace quivive::program
