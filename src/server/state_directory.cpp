#include "server/state_directory.hpp"

#include "quivive/error.hpp"
#include "server/durable_file.hpp"
#include "tls/random.hpp"
#include "tls/secret_file.hpp"
#include "wire/bytes.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace quivive::detail {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view sessions_prefix = "sessions.";
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

[[noreturn]] void refuse(tls::problem_list problems)
{
    for (auto& each : problems) each.insert(0, "state: ");
    throw config_error{std::move(problems)};
}

/// For the owner alone from the first moment.
void make_folder(const fs::path& path)
{
    const auto folder = path.has_filename() ? path : path.parent_path();
    if (folder.has_parent_path()) fs::create_directories(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot be made", folder);
}

/// Two processes that begin at once agree on the key of the first.
void make_key(const fs::path& file)
{
    if (fs::exists(file)) return;
    durable_file made{file};
    made.append(wire::as_bytes(random_hex(key_bytes) + "\n"));
    made.commit_if_first();
}

secret find_key(const fs::path& folder)
{
    make_key(folder / "key");
    tls::problem_list problems;
    auto found = tls::load_secret((folder / "key").string(), problems);
    if (!found) refuse(problems);
    return *found;
}

secret prepare(const std::string& path, const secret* shared)
try {
    make_folder(path);
    if (!fs::is_directory(path)) {
        errno = ENOTDIR;
        fail("cannot be used", path);
    }
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) fail("cannot be used", path);
    tls::problem_list problems;
    tls::check_state_folder(path, problems);
    if (!problems.empty()) refuse(problems);
    durable_file::sweep(path);
    return shared ? *shared : find_key(path);
} catch (const fs::filesystem_error& error) {
    throw config_error{"state: " + path + ": cannot be used: " + error.code().message() +
                       "; it must be a folder that this process may write to, with room for a key"};
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
    durable_file file{folder / (std::string{sessions_prefix} + random_hex(8))};
    for (const auto& blob : blobs) {
        std::array<std::byte, length_size> length{};
        wire::write_integer(length, blob.size());
        file.append(length);
        file.append(blob);
    }
    file.commit();
}

std::vector<fs::path> blob_files(const fs::path& folder)
{
    std::vector<fs::path> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.is_regular_file() && entry.path().filename().string().starts_with(sessions_prefix))
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<std::vector<std::byte>> read_blobs(const fs::path& file)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) fail("cannot be read", file);
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    if (in.bad()) fail("cannot be read", file);
    std::vector<std::vector<std::byte>> blobs;
    for (wire::reader rest{wire::as_bytes(content)}; !rest.done();) {
        const auto blob = rest.vector(length_size);
        if (!rest.ok()) break;
        blobs.emplace_back(blob.begin(), blob.end());
    }
    return blobs;
}

}  // namespace quivive::detail
