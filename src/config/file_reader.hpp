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

/// Takes a TOML document into a `config_file`, and notes all that is wrong with it.
class file_reader {
public:
    /// `name` is that of the file; paths in it are relative to its folder.
    explicit file_reader(const std::filesystem::path& name);

    /// Throws `config_error`, and what `change` throws.
    [[nodiscard]] config_file read(const value::table& document, const config_change& change);

private:
    // A table by its name in the schema ("cookies.rule[]"), in this file ("cookies.rule[1]"), and its index.
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
    void tell_origins();

    std::string name_;
    std::filesystem::path folder_;
    config_file file_;

    std::map<std::string, position> places_;  // of the keys and tables that are in the file
    std::set<std::string> refused_;           // keys and tables that are there, but not as they must be
    std::vector<std::pair<position, std::string>> problems_;
};

}  // namespace quivive::config
