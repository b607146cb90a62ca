#include "config/nesting.hpp"

#include <algorithm>

namespace quivive::config {

namespace {

// Returns the end of the string that begins at `at`: the position after its closing quotes, or for an
// unterminated string the end of the line or text.
std::size_t end_of_string(std::string_view text, std::size_t at)
{
    const char quote = text[at];
    const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
    const bool lines = text.substr(at).starts_with(triple);
    const auto closing = lines ? triple : triple.substr(0, 1);
    for (auto i = at + closing.size(); i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\')
            ++i;
        else if (!lines && text[i] == '\n')
            return i;
        else if (text.substr(i).starts_with(closing))
            return i + closing.size();
    }
    return text.size();
}

position position_of(std::string_view text, std::size_t at)
{
    position where;
    for (const char c : text.substr(0, at)) {
        ++where.column;
        if (c == '\n') where = {where.line + 1, 1};
    }
    return where;
}

// Counts open brackets, and dots since the statement began.
struct statement {
    std::size_t open = 0;
    std::size_t dots = 0;

    void take(char c)
    {
        if (c == '[' || c == '{') ++open;
        if ((c == ']' || c == '}') && open > 0) --open;
        if (c == '.') ++dots;
        if (c == '\n' && open == 0) dots = 0;
    }
};

}  // namespace

std::optional<position> too_deep(std::string_view text)
{
    statement current;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '"' || text[i] == '\'') {
            i = end_of_string(text, i);
        } else if (text[i] == '#') {
            i = std::min(text.find('\n', i), text.size());
        } else {
            current.take(text[i]);
            if (current.dots > max_dots) return position_of(text, i);
            ++i;
        }
    }
    return {};
}

}  // namespace quivive::config
