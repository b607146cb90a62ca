#pragma once

#include "quivive/config_file.hpp"

#include <CLI/App.hpp>

#include <string>

namespace quivive::program {

/// `quivive check FILE`: what a configuration amounts to, or all that is wrong with it.
class check_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit check_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// The exit code. Throws `config_error` with every problem.
    [[nodiscard]] int run() const;

private:
    CLI::App& command_;
    std::string file_;
};

/// Every key with its value, and where it was said, as a file that says the same.
[[nodiscard]] std::string effective_config(const std::vector<setting>& settings);

}  // namespace quivive::program
