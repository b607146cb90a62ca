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

/// A `[[forward]]` table: DTLS clients of `listen` are served by a plain UDP service.
struct forward_rule {
    std::vector<boost::asio::ip::udp::endpoint> listen;
    boost::asio::ip::udp::endpoint to;

    /// Without a message in either direction. Reached: close_notify. Zero: never.
    std::chrono::milliseconds idle_timeout{300'000};
};

/// One key of a configuration, as it holds.
struct setting {
    std::string key;     ///< "limits.idle_timeout", "cookies.rule[0].exchange"
    std::string value;   ///< as TOML has it: `"30s"`, `4096`, `["10.0.0.0/8"]`
    std::string origin;  ///< "server.toml:12:1", or "default"
};

/// All that a configuration file says. Keys that it does not have are at their defaults.
struct config_file {
    server_config server;
    std::vector<forward_rule> forward;
    std::optional<boost::asio::ip::tcp::endpoint> metrics;  ///< `metrics.listen`, for a scraper
    /// Whether a process that runs this may leave a core dump, and be traced by its user (PR_SET_DUMPABLE):
    /// its memory holds keys. For programs to heed; a server does not change it.
    bool dumpable = false;
    std::vector<setting>
        settings;  ///< every key there is as the file has it, in the order of examples/quivive.toml
};

/// What holds beside a file, whatever it says: a command line. Called when all keys have been read, before
/// they are checked against each other; what it throws passes through.
using config_change = std::function<void(config_file&)>;

/// Reads TOML. Throws `config_error` with every problem at once, each as `file:line:column: key: what is
/// wrong; what would be right`. Does not open the files that are named there (see `validate_files`). Paths in
/// it are relative to the folder that `path` is in.
[[nodiscard]] config_file read_config_file(const std::filesystem::path& path,
                                           const config_change& change = {});

/// The same with the text at hand; `name` is used in messages, and its folder for relative paths.
[[nodiscard]] config_file parse_config(std::string_view text, const std::filesystem::path& name,
                                       const config_change& change = {});

/// `read_config_file(path).server`, for programs that only want a server.
[[nodiscard]] server_config load_config(const std::filesystem::path& path);

}  // namespace quivive
