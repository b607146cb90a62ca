#pragma once

#include "config/format.hpp"
#include "quivive/config_file.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace quivive::config {

/// A key of a configuration file.
struct key {
    std::string name;     ///< "limits.idle_timeout"; in arrays of tables "cookies.rule[].networks"
    std::string expects;  ///< continues "it must be "

    /// Stores a value in the file; in an array of tables, in the table at the index. Returns false when the
    /// value is refused.
    std::function<bool(config_file&, std::size_t, const value&, const reading&)> read;
    /// Returns the value as TOML.
    std::function<std::string(const config_file&, std::size_t)> write;
};

/// `[[cookies.rule]]`, `[[forward]]`
struct table_array {
    std::string name;  ///< "cookies.rule"
    std::size_t (*size)(const config_file&);
    void (*add)(config_file&);
};

/// Returns all keys, in the order of examples/quivive.toml.
[[nodiscard]] const std::vector<key>& schema();
[[nodiscard]] const std::vector<table_array>& table_arrays();

// Null when the name is unknown.
[[nodiscard]] const key* find_key(std::string_view name);
[[nodiscard]] const table_array* find_table_array(std::string_view name);

/// Returns whether the schema has a table `[name]`.
[[nodiscard]] bool is_table(std::string_view name);

/// Returns every key with its value. All origins are "default".
[[nodiscard]] std::vector<setting> settings_of(const config_file& file);

}  // namespace quivive::config
