#pragma once

#include "quivive/metrics.hpp"
#include "quivive/server_config.hpp"
#include "quivive/session_handler.hpp"

#include <CLI/App.hpp>

#include <memory>

namespace quivive::program {

class stop_signals;

/// `quivive echo`: a server that sends each message back, until SIGINT or SIGTERM.
class echo_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit echo_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// Serves until it is told to stop. The exit code. Throws what `server`'s constructor throws.
    [[nodiscard]] int run() const;

private:
    void add_address_options();
    void add_credential_options();
    void add_policy_options();
    void add_limit_options();
    void add_output_options();
    [[nodiscard]] metrics serve(const std::shared_ptr<session_handler>& handler, stop_signals& signals) const;

    CLI::App& command_;
    server_config config_;
    int verbosity_ = 0;
    bool trace_ = false;
};

}  // namespace quivive::program
