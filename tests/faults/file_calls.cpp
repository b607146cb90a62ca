#include "faults/file_calls.hpp"

#include "faults/injection.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

// The system calls that write, read and sync files. The linker's --wrap redirects the library's calls to
// these functions. A failing call returns -1 and sets `errno`.

using quivive::test::fails_now;

/// FAULTY(function, return type, parameters, arguments).
#define FAULTY(name, type, parameters, arguments)                                             \
    extern "C" type __real_##name parameters;                                                 \
    extern "C" type __wrap_##name parameters;                                                 \
    type __wrap_##name parameters { return fails_now(#name) ? -1 : __real_##name arguments; } \
    static const quivive::test::injectable name##_is_injectable{#name};

// clang-format off
FAULTY(open, int, (const char* path, int flags, mode_t mode), (path, flags, mode))
FAULTY(openat, int, (int folder, const char* path, int flags, mode_t mode), (folder, path, flags, mode))
FAULTY(mkdir, int, (const char* path, mode_t mode), (path, mode))
FAULTY(statx, int, (int folder, const char* path, int flags, unsigned mask, struct statx* about), (folder, path, flags, mask, about))
FAULTY(fstat, int, (int fd, struct stat* about), (fd, about))
FAULTY(access, int, (const char* path, int mode), (path, mode))
FAULTY(flock, int, (int fd, int operation), (fd, operation))
FAULTY(read, ssize_t, (int fd, void* into, size_t size), (fd, into, size))
FAULTY(pread, ssize_t, (int fd, void* into, size_t size, off_t at), (fd, into, size, at))
FAULTY(write, ssize_t, (int fd, const void* from, size_t size), (fd, from, size))
FAULTY(ftruncate, int, (int fd, off_t size), (fd, size))
FAULTY(fsync, int, (int fd), (fd))
FAULTY(linkat, int, (int from, const char* old, int to, const char* name, int flags), (from, old, to, name, flags))
FAULTY(unlinkat, int, (int folder, const char* name, int flags), (folder, name, flags))
// clang-format on
#undef FAULTY

namespace {

std::string keepsake;

}  // namespace

extern "C" int __real_renameat(int from, const char* old, int to, const char* name);
extern "C" int __wrap_renameat(int from, const char* old, int to, const char* name);
int __wrap_renameat(int from, const char* old, int to, const char* name)
{
    if (fails_now("renameat")) return -1;
    if (!keepsake.empty())
        std::filesystem::copy_file("/proc/self/fd/" + std::to_string(from) + "/" + old, keepsake,
                                   std::filesystem::copy_options::overwrite_existing);
    return __real_renameat(from, old, to, name);
}
static const quivive::test::injectable renameat_is_injectable{"renameat"};

namespace quivive::test {

keeps_renamed::keeps_renamed(const std::string& as) { keepsake = as; }
keeps_renamed::~keeps_renamed() { keepsake.clear(); }

const std::vector<const char*>& file_calls()
{
    static const std::vector<const char*> names{"open",      "openat", "mkdir",  "statx",    "fstat",
                                                "access",    "flock",  "read",   "pread",    "write",
                                                "ftruncate", "fsync",  "linkat", "unlinkat", "renameat"};
    return names;
}

}  // namespace quivive::test
