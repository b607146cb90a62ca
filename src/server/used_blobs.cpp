#include "server/used_blobs.hpp"

#include "server/durable_file.hpp"

#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace quivive::detail {

namespace {

constexpr std::string_view marks_prefix = "used.";

[[noreturn]] void fail(const char* what)
{
    throw boost::system::system_error{{errno, boost::system::system_category()}, what};
}

/// A file that this process alone has open so, for as long as it lives.
class locked_file {
public:
    explicit locked_file(const std::filesystem::path& path)
        : file_{::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)}
    {
        if (file_ < 0) fail("open");
        while (::flock(file_, LOCK_EX) != 0)
            if (errno != EINTR) {
                const auto error = errno;
                ::close(file_);
                errno = error;
                fail("flock");
            }
    }
    ~locked_file() { ::close(file_); }
    locked_file(const locked_file&) = delete;
    locked_file& operator=(const locked_file&) = delete;

    [[nodiscard]] std::vector<std::byte> read() const
    {
        struct stat about {};
        if (::fstat(file_, &about) != 0) fail("fstat");
        std::vector<std::byte> content(static_cast<std::size_t>(about.st_size));
        for (std::size_t at = 0; at < content.size();) {
            const auto got = ::pread(file_, content.data() + at, content.size() - at, static_cast<off_t>(at));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) fail("pread");
            at += static_cast<std::size_t>(got);
        }
        return content;
    }

    void append(std::span<const std::byte> bytes) const
    {
        while (!bytes.empty()) {
            const auto put = ::write(file_, bytes.data(), bytes.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) fail("write");
            bytes = bytes.subspan(static_cast<std::size_t>(put));
        }
        if (::fsync(file_) != 0) fail("fsync");
    }

private:
    int file_;
};

}  // namespace

std::vector<used_blobs::verdict> used_blobs::claim(std::span<const tls::blob_name> names,
                                                   std::chrono::sys_seconds now)
{
    const std::lock_guard lock{mutex_};
    const auto today = std::chrono::floor<std::chrono::days>(now);
    std::vector<verdict> verdicts(names.size(), verdict::expired);
    std::set<day> days;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto made = names[i].made;
        if (!is_timely(made, now)) continue;
        verdicts[i] = verdict::fresh;
        days.insert(std::chrono::floor<std::chrono::days>(made));
    }
    for (const auto each : days) claim_day(each, names, verdicts);
    forget_before(today - longest_life - std::chrono::days{1});
    return verdicts;
}

bool used_blobs::is_timely(std::chrono::sys_seconds made, std::chrono::sys_seconds now) noexcept
{
    constexpr std::chrono::hours apart{1};  // the clocks of several machines
    return made + longest_life >= now && made <= now + apart;
}

void used_blobs::claim_day(day made, std::span<const tls::blob_name> names, std::span<verdict> verdicts)
{
    const locked_file file{file_of(made)};
    const auto marks = file.read();
    std::set<serial> used;
    serial each;
    for (std::size_t at = 0; at + each.size() <= marks.size(); at += each.size()) {
        std::copy_n(marks.begin() + static_cast<std::ptrdiff_t>(at), each.size(), each.begin());
        used.insert(each);
    }
    std::vector<std::byte> added(-marks.size() % each.size());  // a mark that was cut off is filled up
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (verdicts[i] != verdict::fresh || std::chrono::floor<std::chrono::days>(names[i].made) != made)
            continue;
        if (!used.insert(names[i].serial).second)
            verdicts[i] = verdict::used;
        else
            added.insert(added.end(), names[i].serial.begin(), names[i].serial.end());
    }
    if (added.empty()) return;
    file.append(added);
    if (marks.empty()) sync_folder(folder_);  // else it has been there before
}

std::filesystem::path used_blobs::file_of(day made) const
{
    return folder_ / (std::string{marks_prefix} + std::to_string(made.time_since_epoch().count()));
}

void used_blobs::forget_before(day oldest)
{
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{folder_, ignored}) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with(marks_prefix)) continue;
        const auto number = name.substr(marks_prefix.size());
        if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos ||
            number.size() > 9)
            continue;
        if (std::stol(number) < oldest.time_since_epoch().count())
            std::filesystem::remove(entry.path(), ignored);
    }
}

}  // namespace quivive::detail
