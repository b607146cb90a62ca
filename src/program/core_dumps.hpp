#pragma once

namespace quivive::program {

/// Whether this process may leave a core dump and be traced by its user (prctl(2), PR_SET_DUMPABLE). Its
/// memory holds keys.
void allow_core_dumps(bool allowed) noexcept;

}  // namespace quivive::program
