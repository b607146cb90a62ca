#include "server/durable_file.hpp"

#include "tls/random.hpp"
#include "wire/bytes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

namespace quivive::detail {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view unfinished_prefix = ".unfinished.";

[[noreturn]] void fail(const fs::path& file)
{
    throw fs::filesystem_error{"cannot be written", file, {errno, std::generic_category()}};
}

fs::path name_beside(const fs::path& file)
{
    std::array<std::byte, 8> random{};
    tls::fill_random(random);
    return file.parent_path() /
           (std::string{unfinished_prefix} + std::to_string(wire::reader{random}.integer(random.size())));
}

}  // namespace

durable_file::durable_file(fs::path name)
    : name_{std::move(name)},
      unfinished_{name_beside(name_)},
      file_{::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)}
{
    if (file_ < 0) fail(name_);
}

durable_file::~durable_file()
{
    ::close(file_);
    std::error_code ignored;  // also that it has got its name
    fs::remove(unfinished_, ignored);
}

void durable_file::append(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const auto put = ::write(file_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) fail(name_);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
}

void durable_file::commit()
{
    if (::fsync(file_) != 0) fail(name_);
    fs::rename(unfinished_, name_);
    sync_folder(name_.parent_path());
}

void durable_file::commit_if_first()
{
    if (::fsync(file_) != 0) fail(name_);
    if (::link(unfinished_.c_str(), name_.c_str()) != 0 && errno != EEXIST) fail(name_);
    sync_folder(name_.parent_path());
}

void durable_file::sweep(const fs::path& folder)
{
    std::error_code ignored;
    const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours{24};
    for (const auto& entry : fs::directory_iterator{folder, ignored})
        if (entry.path().filename().string().starts_with(unfinished_prefix) &&
            entry.last_write_time(ignored) < yesterday)
            fs::remove(entry.path(), ignored);
}

void sync_folder(const fs::path& folder)
{
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) fail(folder);
    const bool good = ::fsync(file) == 0 || errno == EINVAL;  // a file system that cannot
    const auto error = errno;
    ::close(file);
    errno = error;
    if (!good) fail(folder);
}

}  // namespace quivive::detail
