#pragma once

#include "quivive/server_config.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quivive {

/// A `[[forward]]` table: a plain UDP service serves the DTLS clients of `listen`.
struct forward_rule {
    std::vector<boost::asio::ip::udp::endpoint> listen;  ///< addresses for DTLS clients
    boost::asio::ip::udp::endpoint to;                   ///< address of the UDP service

    /// Time without a message in either direction. When it expires, the session sends close_notify. Zero: no
    /// time-out.
    std::chrono::milliseconds idle_timeout{300'000};
};

/// Effective value of one configuration key.
struct setting {
    std::string key;     ///< "limits.idle_timeout", "cookies.rule[0].exchange"
    std::string value;   ///< in TOML syntax: `"30s"`, `4096`, `["10.0.0.0/8"]`
    std::string origin;  ///< "server.toml:12:1", or "default"
};

/// Content of a configuration file. Missing keys have their defaults.
struct config_file {
    server_config server;                                   ///< configuration of the server
    std::vector<forward_rule> forward;                      ///< the `[[forward]]` tables
    std::optional<boost::asio::ip::tcp::endpoint> metrics;  ///< `metrics.listen`, for a scraper

    /// Allows core dumps of the process and tracing by its user (PR_SET_DUMPABLE). The memory of the process
    /// holds keys. Programs apply this key; a server does not.
    bool dumpable = false;
    std::vector<setting>
        settings;  ///< all keys with their effective values, in the order of examples/quivive.toml
};

/// A function that overrides values of a file, for example from a command line. Called after all keys are
/// read, and before they are checked against each other. Its exceptions reach the caller.
using config_change = std::function<void(config_file&)>;

/// Reads a TOML file. Throws `config_error` with every problem at once, each as `file:line:column: key: what
/// is wrong; what would be right`. Does not open the files that the configuration names (see
/// `validate_files`). Relative paths in it start at the folder of `path`.
[[nodiscard]] config_file read_config_file(const std::filesystem::path& path,
                                           const config_change& change = {});

/// Reads TOML from `text`, as `read_config_file` does. `name` is used in messages, and its folder for
/// relative paths.
[[nodiscard]] config_file parse_config(std::string_view text, const std::filesystem::path& name,
                                       const config_change& change = {});

/// Returns `read_config_file(path).server`, for programs that only need a server.
[[nodiscard]] server_config load_config(const std::filesystem::path& path);

}  // namespace quivive
