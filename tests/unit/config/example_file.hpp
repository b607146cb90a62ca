#pragma once

#include "config/schema.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace quivive::test {

inline std::string example_text()
{
    std::ifstream file{QUIVIVE_EXAMPLE_FILE};
    if (!file) throw std::runtime_error{"cannot read " QUIVIVE_EXAMPLE_FILE};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// A key of examples/quivive.toml.
struct example_key {
    std::string name;   ///< name in the schema: "cookies.rule[].networks"
    std::string value;  ///< as TOML
    bool active;        ///< false if commented out
    std::size_t line;   ///< counted from 1
};

/// Returns the key or heading that a comment holds: "mtu = 1400" for "# mtu = 1400". Returns an empty string
/// for prose.
inline std::string commented_out(const std::string& line)
{
    if (!line.starts_with("# ")) return {};
    const auto rest = line.substr(2);
    const auto word = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    const bool key = word != std::string::npos && word > 0 && rest.substr(word).starts_with(" = ");
    return key || rest.starts_with("[[") ? rest : std::string{};
}

/// Returns the example with all commented-out keys and headings enabled.
inline std::string uncommented_example()
{
    std::istringstream lines{example_text()};
    std::string all;
    for (std::string line; std::getline(lines, line);) {
        const auto held = commented_out(line);
        all += (held.empty() ? line : held) + "\n";
    }
    return all;
}

/// Returns "cookies.rule[]." for "[[cookies.rule]]".
inline std::string prefix_of(const std::string& heading)
{
    const auto name = heading.substr(heading.find_last_of('[') + 1);
    return name.substr(0, name.find(']')) + (heading.starts_with("[[") ? "[]." : ".");
}

inline std::vector<example_key> example_keys()
{
    std::vector<example_key> keys;
    std::istringstream lines{example_text()};
    std::string prefix;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto held = commented_out(line);
        const auto& text = held.empty() ? line : held;
        if (text.starts_with('['))
            prefix = prefix_of(text);
        else if (const auto equals = text.find(" = "); !text.starts_with('#') && equals != std::string::npos)
            keys.push_back({prefix + text.substr(0, equals), text.substr(equals + 3), held.empty(), number});
    }
    return keys;
}

}  // namespace quivive::test
