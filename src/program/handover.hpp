#pragma once

#include "quivive/server.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace quivive::program {

/// A server, and the folder of its sessions between two processes; empty: they end with it.
struct served {
    quivive::server* server = nullptr;
    std::filesystem::path sessions;
};

/// Goes on with the sessions that another process has left in the folder. How many they are. To be called
/// before `server::serve`. Logs what is wrong.
std::size_t take_over(const served& one, const log_sink& log);

/// Leaves the sessions of all servers for the next process. Logs what is wrong.
[[nodiscard]] boost::asio::awaitable<void> leave_behind(std::vector<served> all, log_sink log);

}  // namespace quivive::program
