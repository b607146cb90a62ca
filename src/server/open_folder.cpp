#include "server/open_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace quivive::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t second = 1'000'000'000;

template <typename Time>
std::int64_t nanoseconds(const Time& time) noexcept
{
    return static_cast<std::int64_t>(time.tv_sec) * second + static_cast<std::int64_t>(time.tv_nsec);
}

file_stamp stamp_of(const struct statx& about) noexcept
{
    const bool has_birth = (about.stx_mask & STATX_BTIME) != 0;
    return {{about.stx_ino, has_birth ? nanoseconds(about.stx_btime) : 0},
            makedev(about.stx_dev_major, about.stx_dev_minor),
            about.stx_size,
            nanoseconds(about.stx_ctime)};
}

/// Returns the stamp of `name` within the open folder `folder`.
file_stamp stamp_of(int folder, const char* name, int flags, const fs::path& path)
{
    struct statx about {};
    if (::statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &about) != 0)
        throw_file_error("status cannot be read", path);
    return stamp_of(about);
}

/// Syncs the parent's entry of the new folder `made`. A parent that this process may not read cannot be
/// synced.
void sync_parent(const fs::path& made)
try {
    const auto parent = made.parent_path();
    open_folder{parent.empty() ? fs::path{"."} : parent}.sync();
} catch (const fs::filesystem_error& error) {
    if (error.code() == std::errc::permission_denied) return;
    ::rmdir(made.c_str());  // otherwise a later caller would take it for durable
    throw;
}

void make(const fs::path& folder, mode_t mode)
{
    if (::mkdir(folder.c_str(), mode) != 0) {
        if (errno == EEXIST) return;
        if (errno != ENOENT || !folder.has_parent_path()) throw_file_error("cannot be created", folder);
        make(folder.parent_path(), 0777);
        if (::mkdir(folder.c_str(), mode) != 0) {
            if (errno == EEXIST) return;
            throw_file_error("cannot be created", folder);
        }
    }
    sync_parent(folder);
}

}  // namespace

open_folder::open_folder(fs::path path)
    : path_{std::move(path)}, file_{::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}
{
    if (file_ < 0) throw_file_error("cannot be opened", path_);
}

open_folder::~open_folder() { ::close(file_); }

void open_folder::sync() const
{
    if (::fsync(file_) != 0 && errno != EINVAL)  // EINVAL: the file system does not support it
        throw_file_error("cannot be written to the disk", path_);
}

file_stamp open_folder::stamp(const char* name) const
{
    return stamp_of(file_, name, AT_EMPTY_PATH, path_ / name);
}

file_stamp stamp_at(const fs::path& path) { return stamp_of(AT_FDCWD, path.c_str(), 0, path); }

void make_folder(const fs::path& path) { make(path.has_filename() ? path : path.parent_path(), 0700); }

}  // namespace quivive::runtime
