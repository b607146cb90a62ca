#include "config/document.hpp"

#include <array>

namespace quivive::config {

namespace {

constexpr std::size_t max_shown = 60;  // bytes of a string in a message

std::string escaped(unsigned char c)
{
    constexpr std::string_view digits = "0123456789abcdef";
    return {'\\', 'u', '0', '0', digits[c >> 4U], digits[c & 0xfU]};
}

// Truncates a text that is too long for a message, at a boundary of UTF-8 characters.
std::string_view shortened(std::string_view text)
{
    if (text.size() <= max_shown) return text;
    auto end = max_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return text.substr(0, end);
}

struct shower {
    std::string operator()(const value::odd& odd) const { return std::string{odd.type}; }
    std::string operator()(const std::string& text) const
    {
        const auto part = shortened(text);
        return in_quotes(part) + (part.size() < text.size() ? "..." : "");
    }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const value::array&) const { return "an array"; }
    std::string operator()(const value::table&) const { return "a table"; }
};

}  // namespace

std::string place_text(const std::string& file, const position& where)
{
    return file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

std::string in_quotes(std::string_view text)
{
    std::string result{'"'};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (result += '\\') += c;
        else if (byte < 0x20 || byte == 0x7f)
            result += escaped(byte);
        else
            result += c;
    }
    return result + '"';
}

std::string shown(const value& value) { return std::visit(shower{}, value.content); }

}  // namespace quivive::config
