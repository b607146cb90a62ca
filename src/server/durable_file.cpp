#include "server/durable_file.hpp"

#include "tls/random.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

namespace quivive::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view unfinished_prefix = ".unfinished.";

std::string unfinished_name() { return std::string{unfinished_prefix} + tls::random_hex(8); }

}  // namespace

durable_file::durable_file(const open_folder& in, std::string name)
    : in_{in},
      name_{std::move(name)},
      unfinished_{unfinished_name()},
      file_{::openat(in_.descriptor(), unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
            in_.path() / name_}
{
}

durable_file::~durable_file()
{
    // Needed even after `commit_if_first`, which adds the final name by a link.
    const bool gone = ::unlinkat(in_.descriptor(), unfinished_.c_str(), 0) == 0 || errno == ENOENT;
    if (!gone && !named_) (void)erase_content();
}

void durable_file::fail() const { throw_file_error("cannot be written", in_.path() / name_); }

void durable_file::commit()
{
    file_.sync();
    named_ = true;  // set before the call: a network file system may have renamed the file although it
                    // reports failure
    if (::renameat(in_.descriptor(), unfinished_.c_str(), in_.descriptor(), name_.c_str()) != 0) fail();
    in_.sync();
}

void durable_file::commit_if_first()
{
    file_.sync();
    if (::linkat(in_.descriptor(), unfinished_.c_str(), in_.descriptor(), name_.c_str(), 0) == 0)
        named_ = true;
    else if (errno != EEXIST)
        fail();
    in_.sync();
}

bool durable_file::remove() noexcept
{
    return ::unlinkat(in_.descriptor(), name_.c_str(), 0) == 0 || errno == ENOENT;
}

void durable_file::remove_stale(const fs::path& folder)
{
    std::error_code ignored;
    const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours{24};
    for (const auto& entry : fs::directory_iterator{folder, ignored})
        if (entry.path().filename().string().starts_with(unfinished_prefix) &&
            entry.last_write_time(ignored) < yesterday)
            fs::remove(entry.path(), ignored);
}

}  // namespace quivive::runtime
