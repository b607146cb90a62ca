#include "server/state_directory.hpp"

#include "quivive/error.hpp"
#include "tls/random.hpp"
#include "tls/secret_file.hpp"
#include "wire/bytes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

namespace quivive::detail {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "sessions.";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t length_size = 4;

std::string random_hex(std::size_t bytes)
{
    std::vector<std::byte> random(bytes);
    tls::fill_random(random);
    std::string text;
    for (const auto each : random) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += digits[std::to_integer<unsigned>(each) >> 4];
        text += digits[std::to_integer<unsigned>(each) & 15];
    }
    return text;
}

[[noreturn]] void fail(const char* what, const fs::path& file)
{
    throw fs::filesystem_error{what, file, {errno, std::generic_category()}};
}

void make_folder(const fs::path& folder)
{
    if (!fs::create_directories(folder)) return;
    fs::permissions(folder, fs::perms::owner_all);
}

/// For the owner alone, and whole on the disk under its name, or not there.
void write_file(const fs::path& file, std::span<const std::byte> content)
{
    const auto unfinished = file.parent_path() / (".unfinished." + random_hex(8));
    const int out = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0) fail("cannot be written", unfinished);
    bool good = true;
    for (auto rest = content; good && !rest.empty();) {
        const auto put = ::write(out, rest.data(), rest.size());
        if (put >= 0) rest = rest.subspan(static_cast<std::size_t>(put));
        good = put >= 0 || errno == EINTR;
    }
    good = good && ::fsync(out) == 0;
    const auto error = errno;
    ::close(out);
    if (good && std::rename(unfinished.c_str(), file.c_str()) == 0) {
        if (const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            folder >= 0) {
            (void)::fsync(folder);
            ::close(folder);
        }
        return;
    }
    if (!good) errno = error;
    const auto why = errno;
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    errno = why;
    fail("cannot be written", file);
}

/// Two processes that begin at once agree on the key of the first.
void make_key(const fs::path& file)
{
    if (fs::exists(file)) return;
    const auto own = file.parent_path() / (".key." + random_hex(8));
    const auto text = random_hex(key_bytes) + "\n";
    write_file(own, wire::as_bytes(text));
    std::error_code there;
    fs::create_hard_link(own, file, there);
    fs::remove(own);
    if (there && !fs::exists(file)) throw fs::filesystem_error{"cannot be made", file, there};
}

secret find_key(const fs::path& folder)
{
    make_key(folder / "key");
    tls::problem_list problems;
    auto found = tls::load_secret((folder / "key").string(), problems);
    if (!found) throw config_error{"state: " + problems.front()};
    return *found;
}

secret prepare(const std::string& path, const secret* shared)
try {
    make_folder(path);
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) fail("cannot be used", path);
    return shared ? *shared : find_key(path);
} catch (const fs::filesystem_error& error) {
    throw config_error{"state: " + path + ": cannot be used: " + error.code().message() +
                       "; it must be a folder that this process may write to"};
}

}  // namespace

state_directory::state_directory(const std::string& path, const secret* shared)
    : key_{prepare(path, shared)}, used_{path}
{
}

void write_blobs(const fs::path& folder, std::span<const std::vector<std::byte>> blobs)
{
    if (blobs.empty()) return;
    make_folder(folder);
    std::vector<std::byte> content;
    for (const auto& blob : blobs) {
        std::array<std::byte, length_size> length{};
        wire::write_integer(length, blob.size());
        content.insert(content.end(), length.begin(), length.end());
        content.insert(content.end(), blob.begin(), blob.end());
    }
    write_file(folder / (std::string{prefix} + random_hex(8)), content);
}

std::vector<fs::path> blob_files(const fs::path& folder)
{
    std::vector<fs::path> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<std::vector<std::byte>> read_blobs(const fs::path& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) fail("cannot be read", file);
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    std::vector<std::vector<std::byte>> blobs;
    for (wire::reader rest{wire::as_bytes(content)}; !rest.done();) {
        const auto blob = rest.vector(length_size);
        if (!rest.ok()) break;
        blobs.emplace_back(blob.begin(), blob.end());
    }
    return blobs;
}

}  // namespace quivive::detail
