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
    std::string name;     ///< "limits.idle_timeout"; "cookies.rule[].networks" in each of an array of tables
    std::string expects;  ///< continues "it must be "

    /// Takes a value into the file, of an array of tables into the one at an index. False: it was refused.
    std::function<bool(config_file&, std::size_t, const value&, const reading&)> read;
    /// TOML
    std::function<std::string(const config_file&, std::size_t)> write;
};

/// `[[cookies.rule]]`, `[[forward]]`
struct table_array {
    std::string name;  ///< "cookies.rule"
    std::size_t (*size)(const config_file&);
    void (*add)(config_file&);
};

/// All keys there are, in the order of examples/quivive.toml.
[[nodiscard]] const std::vector<key>& schema();
[[nodiscard]] const std::vector<table_array>& table_arrays();

// Null: there is none.
[[nodiscard]] const key* find_key(std::string_view name);
[[nodiscard]] const table_array* find_table_array(std::string_view name);

/// Whether there are keys in `[name]`.
[[nodiscard]] bool is_table(std::string_view name);

/// Every key with its value, all origins being "default".
[[nodiscard]] std::vector<setting> settings_of(const config_file& file);

}  // namespace quivive::config
