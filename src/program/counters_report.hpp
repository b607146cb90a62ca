#pragma once

#include "quivive/metrics.hpp"

#include <string>

namespace quivive::program {

/// What a server has counted, for people and scripts: `name value` lines, then
/// `received N = delivered A + answered B + dropped C`, then each reason that is not zero, as
/// `dropped.<reason> N` for whole datagrams and `discarded.<reason> N` for single records.
[[nodiscard]] std::string counters_report(const metrics& counted);

}  // namespace quivive::program
