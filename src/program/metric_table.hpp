#pragma once

#include "quivive/metrics.hpp"

#include <span>
#include <string_view>

namespace quivive::program {

/// One count of `metrics`, for the report at the end and for a scraper alike.
struct metric {
    enum class kind : unsigned char { counter, gauge };

    std::string_view name;
    kind what;
    std::uint64_t metrics::*value;
    std::string_view help;
};

/// All but the counts by reason, in the order of the header.
[[nodiscard]] std::span<const metric> all_metrics() noexcept;

/// Something that a command counts beside its servers.
struct named_count {
    std::string_view name;
    std::uint64_t value;
    std::string_view help;
};

}  // namespace quivive::program
