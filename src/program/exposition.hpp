#pragma once

#include "program/metric_table.hpp"

#include <prometheus/metric_family.h>

#include <span>
#include <vector>

namespace quivive::program {

/// Converts counters to Prometheus metrics: `quivive_<name>_total` for counters, `quivive_<name>` for gauges,
/// drops with the label `reason`, and `quivive_build_info`.
[[nodiscard]] std::vector<prometheus::MetricFamily> exposition(const metrics& counted,
                                                               std::span<const named_count> others);

}  // namespace quivive::program
