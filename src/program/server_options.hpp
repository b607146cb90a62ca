#pragma once

#include "quivive/config_file.hpp"

#include <CLI/App.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace quivive::program {

/// The options that all commands with a server share. What the command line says wins over the file of
/// --config, and that over the defaults; so each option is kept as a change to whatever the file says, which
/// may be read again.
class server_options {
public:
    /// Adds them to `command`. Must outlive the parsing.
    explicit server_options(CLI::App& command);

    /// A further option of the command's own.
    using change = std::function<void(config_file&)>;
    void add_change(change wanted) { changes_.push_back(std::move(wanted)); }

    /// What the file and the command line say together. Without a certificate and PSKs it has a server make a
    /// throw-away certificate. Throws `config_error` when there is neither --config nor --listen; else with
    /// every problem of the file, and then also of the files that the command line names.
    [[nodiscard]] config_file read() const;

    /// The addresses of --listen.
    [[nodiscard]] const auto& listen() const noexcept { return listen_; }
    /// Empty without --config.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    [[nodiscard]] bool trace() const noexcept { return trace_; }

private:
    /// Puts what the command line says over what `config` says.
    void apply_to(config_file& config) const;
    void add_address_options();
    void add_credential_options();
    void add_policy_options();
    void add_limit_options();
    void add_output_options();

    /// An option whose value `take` writes into the configuration. It is read once, when the command line is.
    template <typename Read, typename Take>
    void add(const std::string& name, const std::string& placeholder, Read read_value, Take take,
             const std::string& description);

    CLI::App& command_;
    std::filesystem::path file_;
    std::vector<change> changes_;
    std::vector<boost::asio::ip::udp::endpoint> listen_;
    std::optional<certificate> certificate_;
    bool trust_all_networks_ = false;
    bool dtls_1_0_ = false;
    int verbosity_ = 0;
    bool trace_ = false;
};

}  // namespace quivive::program
