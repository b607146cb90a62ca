#pragma once

namespace quivive::program {

/// Allows or forbids core dumps of this process, and tracing by its user (prctl(2), PR_SET_DUMPABLE). Its
/// memory contains keys.
void allow_core_dumps(bool allowed) noexcept;

}  // namespace quivive::program
