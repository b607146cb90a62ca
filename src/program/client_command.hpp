#pragma once

#include "quivive/client.hpp"

#include <CLI/App.hpp>

#include <boost/asio/ip/udp.hpp>

namespace quivive::program {

/// `quivive client`: sends each line of stdin as a message and prints the messages it receives.
class client_command {
public:
    /// Adds itself to `program`. Must outlive the parsing.
    explicit client_command(CLI::App& program);

    [[nodiscard]] bool was_called() const { return command_.parsed(); }

    /// Runs until the end of stdin and returns the exit code. Throws `config_error` when a file cannot be
    /// used.
    [[nodiscard]] int run() const;

private:
    void add_server_options();
    void add_own_options();

    CLI::App& command_;
    CLI::Option* psk_ = nullptr;  ///< cleared after parsing, since it stores the key as text
    boost::asio::ip::udp::endpoint server_;
    client_config config_;
    bool trace_ = false;
};

}  // namespace quivive::program
