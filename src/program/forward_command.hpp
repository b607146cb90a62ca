#pragma once

#include "program/server_options.hpp"

#include <CLI/App.hpp>

#include <optional>

namespace quivive::program {

/// `quivive forward`: DTLS in front of plain UDP services, until SIGINT or SIGTERM.
class forward_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit forward_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// Serves until SIGINT or SIGTERM. Returns the exit code. Throws what `run_service` throws.
    [[nodiscard]] int run() const;

private:
    void add_options();
    void apply(config_file& config) const;

    CLI::App& command_;
    server_options options_;
    std::optional<boost::asio::ip::udp::endpoint> to_;
    std::optional<std::chrono::milliseconds> idle_timeout_;
};

}  // namespace quivive::program
