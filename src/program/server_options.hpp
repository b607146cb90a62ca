#pragma once

#include "quivive/config_file.hpp"

#include <CLI/App.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace quivive::program {

/// Options shared by all commands with a server. The command line overrides the file of --config, which
/// overrides the defaults. Each option is therefore stored as a change that is applied to the file each time
/// it is read.
class server_options {
public:
    /// Adds the options to `command`. Must outlive the parsing.
    explicit server_options(CLI::App& command);

    /// Change that an option makes to the configuration.
    using change = std::function<void(config_file&)>;
    void add_change(change wanted) { changes_.push_back(std::move(wanted)); }

    /// Reads the file and applies the command line. Without a certificate and PSKs, a server creates a
    /// temporary certificate. Throws `config_error` when neither --config nor --listen is given. Otherwise
    /// throws it with all problems of the file, the command line, and the files that the command line names.
    [[nodiscard]] config_file read() const;

    /// Returns the addresses of --listen.
    [[nodiscard]] const auto& listen() const noexcept { return listen_; }
    /// Returns the file of --config, or an empty path.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    [[nodiscard]] bool trace() const noexcept { return trace_; }

private:
    /// Overrides `config` with the values of the command line.
    void apply_to(config_file& config) const;
    void add_address_options();
    void add_credential_options();
    void add_policy_options();
    void add_limit_options();
    void add_output_options();

    /// Adds an option whose value `take` stores in the configuration. The value is parsed once, with the
    /// command line.
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
