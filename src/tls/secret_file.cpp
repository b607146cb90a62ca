#include "tls/secret_file.hpp"

namespace quivive::tls {

namespace {

constexpr std::size_t least_bytes = 16;  // as much as a cookie has

std::string_view without_line_ends(std::string_view text)
{
    const auto last = text.find_last_not_of("\r\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::optional<secret> load_secret(const std::string& path, problem_list& problems)
{
    const auto content = read_file(path, file_use::secret, problems);
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
