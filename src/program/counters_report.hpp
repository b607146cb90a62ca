#pragma once

#include "program/metric_table.hpp"

#include <span>
#include <string>

namespace quivive::program {

/// What a server has counted, for people and scripts: `name value` lines, then
/// `received N = delivered A + answered B + dropped C`, then each reason that is not zero, as
/// `dropped.<reason> N` for whole datagrams and `discarded.<reason> N` for single records; then what else was
/// counted.
[[nodiscard]] std::string counters_report(const metrics& counted, std::span<const named_count> others = {});

}  // namespace quivive::program
