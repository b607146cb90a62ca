#include "tls/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace quivive::tls {

namespace {

constexpr std::size_t max_bytes = 1'073'741'824;
constexpr std::size_t max_bytes_of_secret = 65'536;

/// A file or folder that is open for reading.
class readable_file {
public:
    explicit readable_file(const std::string& path) noexcept
        : file_{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)}
    {
    }
    ~readable_file()
    {
        if (file_ >= 0) ::close(file_);
    }
    readable_file(const readable_file&) = delete;
    readable_file& operator=(const readable_file&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return file_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return file_; }
    [[nodiscard]] bool look(struct stat& into) const noexcept { return ::fstat(file_, &into) == 0; }

    /// Fills `into` as far as there are bytes, and returns their number. Empty when the file cannot be read.
    [[nodiscard]] std::optional<std::size_t> read(std::span<std::byte> into) const noexcept
    {
        std::size_t size = 0;
        while (size < into.size()) {
            const auto got = ::read(file_, into.data() + size, into.size() - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return std::nullopt;
            if (got == 0) break;
            size += static_cast<std::size_t>(got);
        }
        return size;
    }

private:
    int file_;
};

std::string unreadable(const std::string& path)
{
    return path + ": cannot be read: " + std::generic_category().message(errno);
}

/// Returns true when the file may be used.
bool check_access(const struct stat& about, file_use use, const std::string& path, problem_list& problems)
{
    const file_access access{about.st_uid, static_cast<std::uint32_t>(about.st_mode & 07777)};
    const auto faults = find_faults(use, access, {::geteuid(), ::getegid()}, path);
    problems.insert(problems.end(), faults.begin(), faults.end());
    return faults.empty();
}

std::string too_large(const std::string& path, file_use use)
{
    return path + (use == file_use::secret ? ": is larger than 64 KiB; 32 random bytes are enough"
                                           : ": is larger than 1 GiB");
}

/// Allocates with GnuTLS's allocator, with space for one byte more than the file has.
datum allocate(std::size_t size)
{
    datum room;
    auto* const bytes = static_cast<unsigned char*>(gnutls_malloc(size));
    if (bytes == nullptr) check(GNUTLS_E_MEMORY_ERROR, "gnutls_malloc");
    *room.out() = {bytes, static_cast<unsigned>(size)};
    return room;
}

}  // namespace

std::optional<datum> read_file(const std::string& path, file_use use, problem_list& problems)
{
    const auto refuse = [&](std::string why) {
        problems.push_back(std::move(why));
        return std::nullopt;
    };
    const readable_file file{path};
    struct stat about {};
    if (!file.is_open() || !file.look(about)) return refuse(unreadable(path));
    if (!S_ISREG(about.st_mode)) return refuse(path + ": is not a regular file; give the path of one");
    if (!check_access(about, use, path, problems)) return std::nullopt;
    const auto limit = use == file_use::secret ? max_bytes_of_secret : max_bytes;
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size > limit) return refuse(too_large(path, use));

    auto content = allocate(size + 1);
    const auto got = file.read(content.writable());
    if (!got) return refuse(unreadable(path));
    if (*got > size) return refuse(path + ": grows while it is read; put a whole file in its place (mv)");
    if (*got == 0) return refuse(path + ": is empty");
    content.shrink(*got);
    return content;
}

void check_state_folder(const std::string& path, problem_list& problems)
{
    const readable_file folder{path};
    if (folder.is_open())
        check_state_folder(folder.descriptor(), path, problems);
    else if (errno != ENOENT)
        problems.push_back(unreadable(path));
}

void check_state_folder(int folder, const std::string& path, problem_list& problems)
{
    struct stat about {};
    if (::fstat(folder, &about) != 0)
        problems.push_back(unreadable(path));
    else if (!S_ISDIR(about.st_mode))
        problems.push_back(path + ": is not a folder");
    else
        (void)check_access(about, file_use::state_folder, path, problems);
}

}  // namespace quivive::tls
