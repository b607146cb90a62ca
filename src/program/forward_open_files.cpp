#include "program/forward_open_files.hpp"

#include <sys/resource.h>

namespace quivive::program {

void allow_all_open_files() noexcept
{
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace quivive::program
