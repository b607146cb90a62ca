#include "server/open_file.hpp"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace quivive::runtime {

namespace fs = std::filesystem;

open_file::open_file(int descriptor, fs::path path) : path_{std::move(path)}, file_{descriptor}
{
    if (file_ < 0) fail("cannot be opened");
}

open_file::~open_file() { ::close(file_); }

void open_file::fail(const char* what) const { throw_file_error(what, path_); }

std::vector<std::byte> open_file::read() const
{
    struct stat about {};
    if (::fstat(file_, &about) != 0) fail("status cannot be read");
    std::vector<std::byte> content(static_cast<std::size_t>(about.st_size));
    for (std::size_t at = 0; at < content.size();) {
        const auto got = ::pread(file_, content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;  // the file has become shorter
        if (got <= 0) fail("cannot be read");
        at += static_cast<std::size_t>(got);
    }
    return content;
}

void open_file::write(std::span<const std::byte> bytes) const
{
    while (!bytes.empty()) {
        const auto put = ::write(file_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put == 0) errno = EIO;
        if (put <= 0) fail("cannot be written");
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

void open_file::sync() const
{
    if (::fsync(file_) != 0) fail("cannot be written to the disk");
}

void open_file::lock() const
{
    while (::flock(file_, LOCK_EX) != 0)
        if (errno != EINTR) fail("cannot be locked");
}

bool open_file::erase_content() const noexcept
{
    const bool erased = ::ftruncate(file_, 0) == 0;
    (void)::fsync(file_);
    return erased;
}

void throw_file_error(const char* what, const fs::path& file)
{
    throw fs::filesystem_error{what, file, {errno, std::generic_category()}};
}

}  // namespace quivive::runtime
