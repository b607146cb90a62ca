#pragma once

#include "program/metric_table.hpp"

#include <span>
#include <string>

namespace quivive::program {

/// Returns a server's counters as text for people and scripts:
/// - lines `name value`
/// - the balance `received N = delivered A + answered B + dropped C`
/// - each non-zero reason: `dropped.<reason> N` for whole datagrams, `discarded.<reason> N` for records
/// - `others`
[[nodiscard]] std::string counters_report(const metrics& counted, std::span<const named_count> others = {});

}  // namespace quivive::program
