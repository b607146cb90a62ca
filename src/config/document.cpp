#include "config/document.hpp"

#include "config/nesting.hpp"
#include "quivive/error.hpp"

#include <toml++/toml.h>

#include <algorithm>

// The only file that knows toml++, which takes long to compile.

namespace quivive::config {

namespace {

position begin_of(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

value converted(const toml::node& node);

value::table converted(const toml::table& table)
{
    value::table members;
    for (const auto& [name, node] : table)
        members.push_back({std::string{name.str()}, begin_of(name.source()), converted(node)});
    std::ranges::stable_sort(members, {}, &member::where);  // toml++ has them by name
    return members;
}

value::array converted(const toml::array& array)
{
    value::array items;
    for (const auto& node : array) items.push_back(converted(node));
    return items;
}

decltype(value::content) content_of(const toml::node& node)
{
    switch (node.type()) {
        case toml::node_type::table:
            return converted(*node.as_table());
        case toml::node_type::array:
            return converted(*node.as_array());
        case toml::node_type::string:
            return node.as_string()->get();
        case toml::node_type::integer:
            return node.as_integer()->get();
        case toml::node_type::boolean:
            return node.as_boolean()->get();
        case toml::node_type::floating_point:
            return value::odd{"a floating-point number"};
        case toml::node_type::date:
        case toml::node_type::date_time:
            return value::odd{"a date"};
        case toml::node_type::time:
            return value::odd{"a time of day"};
        case toml::node_type::none:
            break;
    }
    return value::odd{"nothing"};
}

value converted(const toml::node& node) { return {begin_of(node.source()), content_of(node)}; }

}  // namespace

value::table parse_document(std::string_view text, const std::string& file)
{
    if (const auto where = too_deep(text))
        throw config_error{place_text(file, *where) +
                           ": keys are nested too deeply; none here has more than " + "three names"};
    try {
        return converted(toml::parse(text));
    } catch (const toml::parse_error& error) {
        throw config_error{place_text(file, begin_of(error.source())) +
                           ": not TOML: " + std::string{error.description()}};
    }
}

}  // namespace quivive::config
