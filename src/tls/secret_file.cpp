#include "tls/secret_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quivive::tls {

namespace {

constexpr std::size_t min_bytes = 16;  // the size of a cookie

struct line {
    std::size_t number;
    std::string_view text;
};

std::string_view without_line_ends(std::string_view text)
{
    const auto last = text.find_last_not_of("\r\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_printable(char c) noexcept { return c >= 0x20 && c <= 0x7e; }

/// Returns the lines that are not empty.
std::vector<line> lines_of(std::string_view text)
{
    std::vector<line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto one = without_line_ends(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!one.empty()) lines.push_back({number, one});
    }
    return lines;
}

/// Not a full check of UTF-8: it only distinguishes text from random bytes.
bool may_be_utf8(std::string_view text) noexcept
{
    std::size_t following = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (following > 0) {
            if ((byte & 0xc0) != 0x80) return false;
            --following;
        } else if (byte >= 0x80) {
            if (byte < 0xc2 || byte > 0xf4) return false;
            following = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        }
    }
    return following == 0;
}

/// A byte that a secret in a line of its own cannot contain. Examples are a tab, and the bytes of an accented
/// letter or of a byte order mark.
struct odd_byte {
    std::size_t line;
    unsigned char value;
};

std::optional<odd_byte> find_odd_byte(const std::vector<line>& lines) noexcept
{
    for (const auto& one : lines) {
        const auto found = std::ranges::find_if_not(one.text, is_printable);
        if (found != one.text.end()) return odd_byte{one.number, static_cast<unsigned char>(*found)};
    }
    return std::nullopt;
}

std::string taken_for_one(const std::string& path, const odd_byte& why)
{
    std::array<char, 8> value{};
    std::snprintf(value.data(), value.size(), "0x%02x", static_cast<unsigned>(why.value));
    return path + ":" + std::to_string(why.line) + ": byte " + value.data() +
           " is not printable ASCII, so the whole file is one secret; without such bytes each line is one";
}

secret as_secret(std::string_view text)
{
    const auto bytes = wire::as_bytes(text);
    return secret{std::vector<std::byte>{bytes.begin(), bytes.end()}};
}

std::string too_short(const std::string& place, std::string_view text)
{
    return place + ": has " + std::to_string(text.size()) + " bytes; a secret needs " +
           std::to_string(min_bytes) + " at least, better 32 random ones";
}

std::optional<secret> only_secret(std::string_view content, const std::string& path, problem_list& problems)
{
    const auto text = without_line_ends(content);
    if (text.size() >= min_bytes) return as_secret(text);
    problems.push_back(too_short(path, text));
    return {};
}

/// Adds a problem for each bad line of several.
void check_lines(const std::vector<line>& lines, const std::string& path, problem_list& problems)
{
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto place = path + ":" + std::to_string(lines[i].number);
        if (i == max_secrets) {
            problems.push_back(place + ": is one secret too many; a file holds " +
                               std::to_string(max_secrets) + " at most, one a line");
            return;
        }
        const auto before = lines.begin() + static_cast<std::ptrdiff_t>(i);
        const auto same =
            std::find_if(lines.begin(), before, [&](const line& one) { return one.text == lines[i].text; });
        if (lines[i].text.size() < min_bytes) problems.push_back(too_short(place, lines[i].text));
        if (same != before)
            problems.push_back(place + ": repeats the secret of line " + std::to_string(same->number) +
                               "; remove one of them");
    }
}

}  // namespace

std::optional<secret> load_secret(const std::string& path, problem_list& problems)
{
    const auto content = read_file(path, file_use::secret, problems);
    return content ? only_secret(content->text(), path, problems) : std::nullopt;
}

std::vector<secret> load_secrets(const std::string& path, problem_list& problems,
                                 std::vector<std::string>& warnings)
{
    std::vector<secret> secrets;
    const auto content = read_file(path, file_use::secret, problems);
    if (!content) return secrets;
    const auto text = content->text();
    const auto lines = lines_of(text);
    const auto odd = find_odd_byte(lines);
    if (odd && lines.size() > 1 && may_be_utf8(text)) warnings.push_back(taken_for_one(path, *odd));
    if (odd || lines.size() < 2) {
        if (auto one = only_secret(text, path, problems)) secrets.push_back(std::move(*one));
        return secrets;
    }
    const auto before = problems.size();
    check_lines(lines, path, problems);
    if (problems.size() > before) return secrets;
    for (const auto& one : lines) secrets.push_back(as_secret(one.text));
    return secrets;
}

}  // namespace quivive::tls
