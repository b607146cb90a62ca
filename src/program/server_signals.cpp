#include "program/server_signals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>

namespace quivive::program {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds drain_deadline{1};

/// Interval for returning free memory to the system. Memory freed after a burst of handshakes is unlikely to
/// be needed again within it.
constexpr std::chrono::seconds trim_every{10};

/// Blocks or unblocks SIGHUP for this thread and threads it starts later. `how`: SIG_BLOCK or SIG_UNBLOCK.
void mask_hangup(int how) noexcept
{
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(how, &hangup, nullptr);
}

/// Scope guard that unblocks SIGHUP for its thread; pending signals are delivered too.
class taking_hangups {
public:
    taking_hangups() noexcept { mask_hangup(SIG_UNBLOCK); }
    ~taking_hangups() { mask_hangup(SIG_BLOCK); }
    taking_hangups(const taking_hangups&) = delete;
    taking_hangups& operator=(const taking_hangups&) = delete;
};

}  // namespace

server_signals::server_signals() { mask_hangup(SIG_BLOCK); }

void server_signals::serve(std::vector<served> servers, const std::function<void()>& reload,
                           const log_sink& log)
{
    asio::co_spawn(io_, reload_on_hangup(reload), asio::detached);
    asio::co_spawn(io_, trim_memory(servers), asio::detached);
    asio::co_spawn(io_, wait(servers, log), asio::detached);
    {
        const taking_hangups now;
        io_.run();
    }
    for (const auto& one : servers) one.server->join();
}

asio::awaitable<void> server_signals::reload_on_hangup(const std::function<void()>& reload)
{
    for (;;) {
        const auto [cancelled, signal] = co_await hangups_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled || ending_) co_return;
        reload();
    }
}

asio::awaitable<void> server_signals::trim_memory(const std::vector<served>& servers)
{
    for (;;) {
        trims_.expires_after(trim_every);
        const auto [cancelled] = co_await trims_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled || ending_) co_return;
        for (const auto& one : servers) one.server->trim_memory();
    }
}

asio::awaitable<void> server_signals::wait(std::vector<served>& servers, const log_sink& log)
{
    co_await ends_.async_wait(asio::use_awaitable);
    ending_ = true;
    hangups_.cancel();
    trims_.cancel();
    co_await export_sessions(servers, log);
    co_await stop(servers);
}

asio::awaitable<void> server_signals::stop(std::vector<served>& servers)
{
    auto running = servers.size();
    for (const auto& one : servers)
        one.server->async_stop(drain_deadline, asio::bind_executor(io_, [&](error_code) {
                                   if (--running == 0) ends_.cancel();
                               }));
    while (running > 0) {
        const auto [cancelled, signal] = co_await ends_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled) continue;
        for (const auto& one : servers) one.server->stop();
    }
}

}  // namespace quivive::program
