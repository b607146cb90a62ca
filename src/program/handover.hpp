#pragma once

#include "quivive/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace quivive::program {

/// A server and the folder of its exported sessions. Empty: its sessions end with the process.
struct served {
    quivive::server* server = nullptr;
    std::filesystem::path sessions;
};

/// Imports the sessions that another process has exported to the folder, and returns their number. Must be
/// called before `server::serve`. Logs errors.
std::size_t import_sessions(const served& one, const log_sink& log);

/// Exports the sessions of all servers for the next process. Logs errors.
[[nodiscard]] boost::asio::awaitable<void> export_sessions(std::vector<served> all, log_sink log);

}  // namespace quivive::program
