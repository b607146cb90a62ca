#include "program/handover.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace quivive::program {

std::size_t import_sessions(const served& one, const log_sink& log)
{
    if (one.sessions.empty()) return 0;
    const auto result = one.server->import_all(one.sessions);
    if (result.error && log)
        log(log_level::error, "sessions in " + one.sessions.string() + ": " + result.error.message());
    return result.imported;
}

boost::asio::awaitable<void> export_sessions(std::vector<served> all, log_sink log)
{
    for (const auto& one : all) {
        if (one.sessions.empty()) continue;
        const auto [error, count] = co_await one.server->async_export_all(
            one.sessions, boost::asio::as_tuple(boost::asio::use_awaitable));
        if (!log) continue;
        if (error)
            log(log_level::error, "sessions could not be exported to " + one.sessions.string() + ": " +
                                      error.message() + "; they end");
        else
            log(log_level::info,
                "exported " + std::to_string(count) + " sessions to " + one.sessions.string());
    }
}

}  // namespace quivive::program
