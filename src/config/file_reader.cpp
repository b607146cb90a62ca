#include "config/file_reader.hpp"

#include "config/file_checks.hpp"
#include "config/suggestion.hpp"
#include "quivive/error.hpp"

#include <algorithm>

namespace quivive::config {

namespace {

// Returns whether a name needs no quotes, as all names of the schema. A dot or bracket in a name would be
// mistaken for those in the schema's names.
bool is_bare(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

// Returns a name as it is written in a document.
std::string written(const std::string& name) { return is_bare(name) ? name : in_quotes(name); }

// Returns the key or its innermost enclosing table that `known` contains; empty if there is none.
template <typename Known>
std::string innermost(const Known& known, std::string key)
{
    while (!key.empty() && !known.contains(key)) {
        const auto dot = key.rfind('.');
        key.resize(dot == std::string::npos ? 0 : dot);
    }
    return key;
}

}  // namespace

file_reader::file_reader(const std::filesystem::path& name)
    : name_{name.string()}, folder_{name.parent_path()}
{
}

config_file file_reader::read(const value::table& document, const config_change& change)
{
    take_table(document, {});
    record_origins();
    if (change) change(file_);
    check_together();
    if (!problems_.empty()) {
        std::ranges::sort(problems_);
        std::vector<std::string> sentences;
        for (const auto& [where, sentence] : problems_) sentences.push_back(sentence);
        throw config_error{std::move(sentences)};
    }
    return std::move(file_);
}

file_reader::table_name file_reader::table_name::below(const std::string& name) const
{
    const auto* const dot = known.empty() ? "" : ".";
    return {known + dot + written(name), here + dot + written(name), at};
}

void file_reader::take_table(const value::table& table, const table_name& of)
{
    for (const auto& member : table) {
        const auto name = of.below(member.name);
        if (!find_key(name.known) && !find_table_array(name.known) && !is_table(name.known))
            refuse_unknown(member, of, name);
        else
            take_member(member, name);
    }
}

void file_reader::take_member(const member& member, const table_name& name)
{
    places_.emplace(name.here, member.where);
    if (const auto* const key = find_key(name.known)) return take_value(member, name, *key);
    if (const auto* const array = find_table_array(name.known)) return take_tables(member, name, *array);
    if (const auto* const table = std::get_if<value::table>(&member.content.content))
        return take_table(*table, name);
    refuse_table(member.where, name,
                 "is " + shown(member.content) + "; it must be a table, [" + name.known + "]");
}

void file_reader::take_tables(const member& member, const table_name& name, const table_array& array)
{
    const auto expected = "; it must be an array of tables, [[" + name.known + "]]";
    const auto* const items = std::get_if<value::array>(&member.content.content);
    if (items == nullptr) return refuse_table(member.where, name, "is " + shown(member.content) + expected);
    for (std::size_t at = 0; at < items->size(); ++at) {
        const auto& item = (*items)[at];
        const table_name item_name{name.known + "[]", name.here + "[" + std::to_string(at) + "]", at};
        places_.emplace(item_name.here, item.where);
        array.add(file_);
        if (const auto* const table = std::get_if<value::table>(&item.content))
            take_table(*table, item_name);
        else
            refuse_table(item.where, item_name, "is " + shown(item) + expected);
    }
}

void file_reader::take_value(const member& member, const table_name& name, const key& key)
{
    const reading reading{
        folder_, [&](const position& where, const std::string& what) { add(where, name.here, what); }};
    if (!key.read(file_, name.at, member.content, reading)) refused_.insert(name.here);
}

void file_reader::refuse_table(const position& where, const table_name& name, const std::string& what)
{
    add(where, name.here, what);
    refused_.insert(name.here);
}

void file_reader::refuse_unknown(const member& member, const table_name& table, const table_name& name)
{
    const auto [text, nearest] = suggest(table.known, member.name);
    add(member.where, name.here, "is unknown; " + text);
    if (!nearest.empty()) refused_.insert(table.below(nearest).here);
}

// Skips problems that involve a refused value, because its correction may resolve them.
void file_reader::check_together()
{
    for (const auto& [key, text, other] : check(file_)) {
        if (!innermost(refused_, key).empty() || !innermost(refused_, other).empty()) continue;
        const auto& named = !places_.contains(key) && places_.contains(other) ? other : key;
        const auto place = innermost(places_, named);
        add(place.empty() ? position{} : places_.at(place), named, text);
    }
}

void file_reader::add(const position& where, const std::string& key, const std::string& what)
{
    problems_.emplace_back(where, place_text(name_, where) + ": " + key + ": " + what);
}

void file_reader::record_origins()
{
    file_.settings = settings_of(file_);
    for (auto& setting : file_.settings)
        if (const auto place = places_.find(setting.key); place != places_.end())
            setting.origin = place_text(name_, place->second);
}

}  // namespace quivive::config
