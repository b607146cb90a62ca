#include "program/core_dumps.hpp"

#include <sys/prctl.h>

namespace quivive::program {

void allow_core_dumps(bool allowed) noexcept { (void)::prctl(PR_SET_DUMPABLE, allowed ? 1UL : 0UL); }

}  // namespace quivive::program
