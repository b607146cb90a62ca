#include "program/check_command.hpp"

#include "program/exit_code.hpp"
#include "quivive/error.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>

namespace quivive::program {
namespace {

/// Column at which the comments start, unless the value is longer.
constexpr std::size_t comment_column = 48;

/// Returns "[limits]" for limits.idle_timeout, "[[cookies.rule]]" for cookies.rule[1].networks, "" for mtu.
std::string table_of(const std::string& key)
{
    const auto dot = key.rfind('.');
    if (dot == std::string::npos) return {};
    const auto bracket = key.rfind('[', dot);
    if (bracket == std::string::npos) return "[" + key.substr(0, dot) + "]";
    return "[[" + key.substr(0, bracket) + "]]";
}

/// Returns the table of a key with its index: "cookies.rule[1]" for cookies.rule[1].networks.
std::string path_of(const std::string& key)
{
    const auto dot = key.rfind('.');
    return dot == std::string::npos ? std::string{} : key.substr(0, dot);
}

std::string line_of(const setting& one)
{
    const auto dot = one.key.rfind('.');
    auto line = one.key.substr(dot == std::string::npos ? 0 : dot + 1) + " = " + one.value;
    line.append(line.size() < comment_column ? comment_column - line.size() : 1, ' ');
    return line + "# " + one.origin + '\n';
}

}  // namespace

std::string effective_config(const std::vector<setting>& settings)
{
    std::string text, path;
    for (const auto& one : settings) {
        if (path_of(one.key) != path) {
            path = path_of(one.key);
            text += '\n' + table_of(one.key) + '\n';
        }
        text += line_of(one);
    }
    return text;
}

check_command::check_command(CLI::App& program)
    : command_{*program.add_subcommand(
          "check", "Validates a configuration file and prints every effective value with its source")}
{
    command_.add_option("FILE", file_, "A configuration in TOML")->required()->type_name("");
    command_.footer(
        "Also opens the files that it names. They must belong to this user or to root: run it as the user\n"
        "of the service (sudo -u USER). Prints all problems to stderr; the exit status is then 2.");
}

int check_command::run() const
{
    auto config = read_config_file(file_);
    config.server.credentials.self_signed_if_none = true;  // as in the server commands
    if (auto problems = validate_files(config.server); !problems.empty())
        throw config_error{std::move(problems)};
    auto told = warnings(config.server);
    std::ranges::move(file_warnings(config.server), std::back_inserter(told));
    for (const auto& warning : told) std::cout << "# warning: " << warning << '\n';
    for (const auto& note : file_notes(config.server)) std::cout << "# " << note << '\n';
    std::cout << effective_config(config.settings) << std::flush;
    return exit_code::success;
}

}  // namespace quivive::program
