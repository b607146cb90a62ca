#pragma once

#include "quivive/config_file.hpp"

#include <CLI/App.hpp>

#include <string>

namespace quivive::program {

/// `quivive check FILE`: validates the file and prints every effective value with its source.
class check_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit check_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// Returns the exit code. Throws `config_error` with all problems.
    [[nodiscard]] int run() const;

private:
    CLI::App& command_;
    std::string file_;
};

/// Returns every key with its value and source, as an equivalent configuration file.
[[nodiscard]] std::string effective_config(const std::vector<setting>& settings);

}  // namespace quivive::program
