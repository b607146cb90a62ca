#pragma once

#include "quivive/config_file.hpp"
#include "quivive/server_config.hpp"

#include <CLI/App.hpp>

namespace quivive::program {

/// `quivive forward`: DTLS in front of a plain UDP service, until SIGINT or SIGTERM.
class forward_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit forward_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// Serves until it is told to stop. The exit code. Throws what `server`'s constructor throws.
    [[nodiscard]] int run() const;

private:
    void add_way_options();
    void add_server_options();

    CLI::App& command_;
    server_config config_;
    forward_rule rule_;
    int verbosity_ = 0;
};

}  // namespace quivive::program
