#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quivive::config {

/// A place in a text, from 1 on; columns count characters.
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

    /// Of a type that no key of ours has.
    struct odd {
        std::string_view type;  ///< "a date"
    };

    position where;
    std::variant<odd, std::string, std::int64_t, bool, array, table> content;
};

/// `name = value`
struct member {
    std::string name;
    position where;  ///< of the name
    value content;
};

/// Reads TOML 1.0. Throws `config_error` with the first thing that is not TOML, as `file:line:column: what`.
[[nodiscard]] value::table parse_document(std::string_view text, const std::string& file);

/// "server.toml:12:1"
[[nodiscard]] std::string place_text(const std::string& file, const position& where);

/// `text` as a basic string of TOML (its section "String"), with the quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// A value as a message shows it: a short one as it is, a long one cut, else its type.
[[nodiscard]] std::string shown(const value& value);

}  // namespace quivive::config
