#include "config/schema.hpp"

#include <algorithm>

namespace quivive::config {

namespace {

template <typename T>
const T* find_by_name(const std::vector<T>& all, std::string_view name)
{
    const auto found = std::ranges::find(all, name, &T::name);
    return found == all.end() ? nullptr : &*found;
}

const table_array* array_of(const key& key)
{
    const auto brackets = key.name.find("[]");
    return brackets == std::string::npos ? nullptr : find_table_array(key.name.substr(0, brackets));
}

// "cookies.rule[].networks" at 2: "cookies.rule[2].networks"
std::string name_at(std::string name, std::size_t at)
{
    return name.insert(name.find("[]") + 1, std::to_string(at));
}

}  // namespace

const key* find_key(std::string_view name) { return find_by_name(schema(), name); }
const table_array* find_table_array(std::string_view name) { return find_by_name(table_arrays(), name); }

bool is_table(std::string_view name)
{
    const auto prefix = std::string{name} + ".";
    return std::ranges::any_of(schema(), [&](const key& key) { return key.name.starts_with(prefix); });
}

std::vector<setting> settings_of(const config_file& file)
{
    std::vector<setting> settings;
    const auto& keys = schema();
    for (auto key = keys.begin(); key != keys.end();) {
        const auto* const array = array_of(*key);
        const auto next = array == nullptr ? key + 1 : std::find_if(key, keys.end(), [&](const auto& each) {
            return array_of(each) != array;
        });
        const std::size_t tables = array == nullptr ? 1 : array->size(file);
        for (std::size_t at = 0; at < tables; ++at)  // all keys of a table before the next table
            for (auto each = key; each != next; ++each)
                settings.push_back({array == nullptr ? each->name : name_at(each->name, at),
                                    each->write(file, at), "default"});
        key = next;
    }
    return settings;
}

}  // namespace quivive::config
