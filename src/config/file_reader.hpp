#pragma once

#include "config/document.hpp"
#include "config/format.hpp"
#include "config/problem.hpp"
#include "config/schema.hpp"
#include "quivive/config_file.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace quivive::config {

/// Converts a TOML document to a `config_file` and collects all problems.
class file_reader {
public:
    /// `name`: path of the file. Relative paths in the file are resolved against its folder.
    explicit file_reader(const std::filesystem::path& name);

    /// Reads the document, then applies `change`. Throws `config_error` with all problems, and what `change`
    /// throws.
    [[nodiscard]] config_file read(const value::table& document, const config_change& change);

private:
    // Name of a table in the schema ("cookies.rule[]") and in this file ("cookies.rule[1]"), and its index.
    struct table_name {
        std::string known;
        std::string here;
        std::size_t at = 0;

        [[nodiscard]] table_name below(const std::string& name) const;
    };

    void take_table(const value::table& table, const table_name& of);
    void take_member(const member& member, const table_name& name);
    void take_tables(const member& member, const table_name& name, const table_array& array);
    void take_value(const member& member, const table_name& name, const key& key);
    void refuse_table(const position& where, const table_name& name, const std::string& what);
    void refuse_unknown(const member& member, const table_name& table, const table_name& name);

    void check_together();
    void add(const position& where, const std::string& key, const std::string& what);
    void record_origins();

    std::string name_;
    std::filesystem::path folder_;
    config_file file_;

    std::map<std::string, position> places_;  // positions of the keys and tables in the file
    std::set<std::string> refused_;           // keys and tables of the file that are invalid
    std::vector<std::pair<position, std::string>> problems_;
};

}  // namespace quivive::config
