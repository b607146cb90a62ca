#include "config/document.hpp"

#include "config/nesting.hpp"
#include "quivive/error.hpp"

#include <algorithm>
#include <string>
#include <vector>

// The only file that knows toml++, which takes long to compile.

// A text can make assertions of toml++ 3.3 fail: `a = [1, }`. That must neither end the process nor, as with
// NDEBUG, be undefined; so they throw. The namespace is our own, lest the linker takes the functions of an
// application that has toml++ too for these.

namespace quivive::config {
namespace {

struct assertion_failed {};
[[noreturn]] void fail_assertion() { throw assertion_failed{}; }

}  // namespace
}  // namespace quivive::config

#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? static_cast<void>(0) : ::quivive::config::fail_assertion())
#define toml quivive_toml
#include <toml++/toml.h>

namespace quivive::config {

namespace {

position begin_of(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

value converted(const toml::node& node);

value::table converted(const toml::table& table)
{
    value::table members;
    for (const auto& [name, node] : table)
        members.push_back({std::string{name.str()}, begin_of(name.source()), converted(node)});
    std::ranges::sort(members, {}, &member::where);  // toml++ has them by name
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

bool fails_assertion(std::string_view text)
try {
    static_cast<void>(toml::parse(text));
    return false;
} catch (const assertion_failed&) {
    return true;
} catch (const toml::parse_error&) {
    return false;
}

// The first line with which the text makes an assertion fail. toml++ reads from front to back, so with each
// line behind it the text does too.
std::size_t failing_line(std::string_view text)
{
    std::vector<std::size_t> ends;  // of lines
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1))
        ends.push_back(end + 1);
    const auto line = std::ranges::partition_point(
        ends, [&](std::size_t end) { return !fails_assertion(text.substr(0, end)); });
    return static_cast<std::size_t>(line - ends.begin()) + 1;
}

}  // namespace

value::table parse_document(std::string_view text, const std::string& file)
{
    if (const auto where = too_deep(text))
        throw config_error{place_text(file, *where) +
                           ": keys are nested too deeply; none here has more than three names"};
    try {
        return converted(toml::parse(text));
    } catch (const toml::parse_error& error) {
        throw config_error{place_text(file, begin_of(error.source())) +
                           ": not TOML: " + std::string{error.description()}};
    } catch (const assertion_failed&) {
        throw config_error{place_text(file, {failing_line(text), 1}) +
                           ": not TOML: a key, a value or a bracket in this line is not as TOML has it"};
    }
}

}  // namespace quivive::config
