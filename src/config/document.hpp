#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quivive::config {

/// Position in a text. Lines and columns start at 1; columns count characters.
struct position {
    std::size_t line = 1;
    std::size_t column = 1;

    friend auto operator<=>(const position&, const position&) = default;
};

struct member;

/// A value of a TOML document.
struct value {
    using array = std::vector<value>;
    using table = std::vector<member>;  // in the order of the text

    /// A value of a type that no key of quivive has.
    struct odd {
        std::string_view type;  ///< "a date"
    };

    position where;
    std::variant<odd, std::string, std::int64_t, bool, array, table> content;
};

/// `name = value`
struct member {
    std::string name;
    position where;  ///< position of the name
    value content;
};

/// Parses TOML 1.0. Throws `config_error` with the first syntax error, as `file:line:column: what`.
[[nodiscard]] value::table parse_document(std::string_view text, const std::string& file);

/// Returns text such as "server.toml:12:1".
[[nodiscard]] std::string place_text(const std::string& file, const position& where);

/// Returns `text` as a basic string of TOML (section "String" of its specification), with quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// Returns a value as shown in messages: long strings are truncated; an array, a table or another type is
/// named.
[[nodiscard]] std::string shown(const value& value);

}  // namespace quivive::config
