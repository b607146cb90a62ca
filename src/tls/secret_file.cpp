#include "tls/secret_file.hpp"

#include <algorithm>

namespace quivive::tls {

namespace {

constexpr std::size_t least_bytes = 16;  // as much as a cookie has

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

/// Those that are not empty; none when the file is no text.
std::vector<line> lines_of(std::string_view text)
{
    std::vector<line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto one = without_line_ends(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!std::ranges::all_of(one, is_printable)) return {};
        if (!one.empty()) lines.push_back({number, one});
    }
    return lines;
}

secret as_secret(std::string_view text)
{
    const auto bytes = wire::as_bytes(text);
    return secret{std::vector<std::byte>{bytes.begin(), bytes.end()}};
}

std::string too_short(const std::string& place, std::string_view text)
{
    return place + ": has " + std::to_string(text.size()) +
           " bytes; a secret needs 16 at least, better 32 random ones";
}

std::optional<secret> only_secret(std::string_view content, const std::string& path, problem_list& problems)
{
    const auto text = without_line_ends(content);
    if (text.size() >= least_bytes) return as_secret(text);
    problems.push_back(too_short(path, text));
    return {};
}

/// What is wrong with each of several lines.
void check_lines(const std::vector<line>& lines, const std::string& path, problem_list& problems)
{
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto place = path + ":" + std::to_string(lines[i].number);
        if (i == max_secrets) {
            problems.push_back(place + ": is one secret too many; a file holds four at most, one a line");
            return;
        }
        const auto before = lines.begin() + static_cast<std::ptrdiff_t>(i);
        const auto same =
            std::find_if(lines.begin(), before, [&](const line& one) { return one.text == lines[i].text; });
        if (lines[i].text.size() < least_bytes) problems.push_back(too_short(place, lines[i].text));
        if (same != before)
            problems.push_back(place + ": is the secret of line " + std::to_string(same->number) +
                               " once more; one of the two is to go");
    }
}

}  // namespace

std::optional<secret> load_secret(const std::string& path, problem_list& problems)
{
    const auto content = read_file(path, file_use::secret, problems);
    return content ? only_secret(content->text(), path, problems) : std::nullopt;
}

std::vector<secret> load_secrets(const std::string& path, problem_list& problems)
{
    std::vector<secret> secrets;
    const auto content = read_file(path, file_use::secret, problems);
    if (!content) return secrets;
    const auto lines = lines_of(content->text());
    if (lines.size() < 2) {
        if (auto one = only_secret(content->text(), path, problems)) secrets.push_back(std::move(*one));
        return secrets;
    }
    const auto before = problems.size();
    check_lines(lines, path, problems);
    if (problems.size() > before) return secrets;
    for (const auto& one : lines) secrets.push_back(as_secret(one.text));
    return secrets;
}

}  // namespace quivive::tls
