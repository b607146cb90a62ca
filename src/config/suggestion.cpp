#include "config/suggestion.hpp"

#include "config/document.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <vector>

namespace quivive::config {

namespace {

// Up to a third of a word may be misspelt.
std::size_t tolerated(std::string_view name) { return std::max<std::size_t>(1, name.size() / 3); }

struct split_name {
    std::string_view table;  // "cookies.rule[]"
    std::string_view last;   // "networks"
};

split_name split(std::string_view name)
{
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos) return {{}, name};
    return {name.substr(0, dot), name.substr(dot + 1)};
}

// Returns the names of keys and tables directly below a table, without duplicates.
std::vector<std::string> children(std::string_view table)
{
    const auto prefix = table.empty() ? std::string{} : std::string{table} + ".";
    std::vector<std::string> names;
    for (const auto& key : schema()) {
        if (!key.name.starts_with(prefix)) continue;
        const auto rest = std::string_view{key.name}.substr(prefix.size());
        const std::string name{rest.substr(0, rest.find_first_of(".["))};
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

std::string nearest_child(std::string_view table, std::string_view name)
{
    std::string nearest;
    auto most = tolerated(name);
    for (const auto& child : children(table)) {
        const auto far = distance(name, child, most);
        if (far > most || (far == most && !nearest.empty())) continue;
        most = far;
        nearest = child;
    }
    return nearest;
}

// "in [limits]", "in [[cookies.rule]]"
std::string place_of(std::string_view table)
{
    if (table.empty()) return "at the top of the file";
    if (table.ends_with("[]")) return "in [[" + std::string{table.substr(0, table.size() - 2)} + "]]";
    return "in [" + std::string{table} + "]";
}

// Lists the tables with a key whose name differs from `name` by at most `most` letters.
std::string elsewhere(std::string_view name, std::size_t most)
{
    std::string text;
    for (const auto& key : schema()) {
        const auto [table, last] = split(key.name);
        if (distance(name, last, most) <= most)
            text += (text.empty() ? "" : ", or ") + in_quotes(last) + " " + place_of(table);
    }
    return text;
}

std::string all_of(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

std::size_t distance(std::string_view a, std::string_view b, std::size_t most)
{
    const auto longer = std::max(a.size(), b.size());
    if (longer - std::min(a.size(), b.size()) > most) return most + 1;
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + changed});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

suggestion suggest(std::string_view table, std::string_view name)
{
    if (auto nearest = nearest_child(table, name); !nearest.empty())
        return {"did you mean " + in_quotes(nearest) + "?", nearest};
    for (const auto most : {std::size_t{0}, tolerated(name)})
        if (const auto found = elsewhere(name, most); !found.empty())
            return {"did you mean " + found + "?", {}};
    return {"known keys " + place_of(table) + ": " + all_of(children(table)), {}};
}

}  // namespace quivive::config
