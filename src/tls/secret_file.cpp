#include "tls/secret_file.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace quivive::tls {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t least_bytes = 16;  // as much as a cookie has
constexpr std::uintmax_t most_bytes = 65'536;

std::string octal(fs::perms mode)
{
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
    return text.data();
}

/// What is wrong with the file before it is read; empty: nothing. A pipe would not end, and a secret that
/// others can read is none.
std::string look_at(const std::string& path)
{
    std::error_code error;
    const auto found = fs::status(path, error);
    if (!fs::exists(found)) return "cannot be read: " + (error ? error.message() : "no such file");
    if (!fs::is_regular_file(found)) return "is not a regular file";
    const auto mode = found.permissions() & fs::perms::mask;
    if ((mode & ~(fs::perms::owner_read | fs::perms::owner_write)) != fs::perms::none)
        return "has mode " + octal(mode) + ", but nobody else may read a secret; use chmod 600";
    const auto size = fs::file_size(path, error);
    if (!error && size > most_bytes) return "is larger than 64 KiB; 32 random bytes are enough";
    return {};
}

std::string_view without_line_ends(std::string_view text)
{
    const auto last = text.find_last_not_of("\r\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::optional<secret> load_secret(const std::string& path, problem_list& problems)
{
    if (const auto wrong = look_at(path); !wrong.empty()) {
        problems.push_back(path + ": " + wrong);
        return {};
    }
    const auto content = read_file(path, problems);
    if (!content) return {};
    const auto text = without_line_ends(content->text());
    if (text.size() < least_bytes) {
        problems.push_back(path + ": has " + std::to_string(text.size()) +
                           " bytes; a secret needs 16 at least, better 32 random ones");
        return {};
    }
    const auto bytes = wire::as_bytes(text);
    return secret{std::vector<std::byte>{bytes.begin(), bytes.end()}};
}

}  // namespace quivive::tls
