#pragma once

#include "program/server_options.hpp"

#include <CLI/App.hpp>

namespace quivive::program {

/// `quivive echo`: a server that sends each message back, until SIGINT or SIGTERM.
class echo_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit echo_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// Serves until SIGINT or SIGTERM. Returns the exit code. Throws what `run_service` throws.
    [[nodiscard]] int run() const;

private:
    CLI::App& command_;
    server_options options_;
};

}  // namespace quivive::program
