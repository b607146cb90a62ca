#include "server/refusal_log.hpp"

#include "quivive/network.hpp"
#include "server/address.hpp"

#include <string>

namespace quivive::runtime {

namespace {

/// Formats the network, as in "192.0.2.0/24".
std::string text_of(const wire::endpoint& peer, unsigned prefix_length)
{
    const auto address = to_asio(peer).address().to_string();
    const auto within = network::enclosing(address + '/' + std::to_string(prefix_length));
    return within ? quivive::to_string(*within) : address;
}

/// Formats the limit as configured, for the whole server: "10000", "4 times 10000".
std::string text_of(std::size_t shares, std::size_t setting, std::size_t threads)
{
    auto text = (shares > 1 ? std::to_string(shares) + " times " : "") + std::to_string(setting);
    if (threads > 1)
        text += " (spread evenly over " + std::to_string(threads) + " threads, one of which is full)";
    return text;
}

std::string text_of(const wire::endpoint& peer, const dispatch::reached_share& share, const server_limits& by)
{
    const bool of_sessions = share.why == drop_reason::source_session_limit;
    const auto most =
        of_sessions ? dispatch::source_shares::sessions_of(by.limits) : by.limits.max_half_open_per_source;
    const std::string setting =
        of_sessions ? "limits.max_sessions_per_source" : "limits.max_half_open_per_source";
    const std::string reason{to_string(share.why)};
    return text_of(peer, share.prefix_length) + " has reached its limit of " +
           (of_sessions ? "sessions and handshakes" : "handshakes in progress") + ", " +
           text_of(share.shares, most, by.threads) + ": new clients from there are dropped (" + reason +
           "); raise " + setting + ", or name it in shared_networks if many clients share it";
}

}  // namespace

void refusal_log::note(const wire::endpoint& peer, const dispatch::reached_share& share,
                       const server_limits& by, peer_log& log, time_point now)
{
    if (!log.wants(log_level::warning) || logged_.contains(share.source) || !may_log(now)) return;
    if (logged_.size() >= max_sources) logged_.clear();
    logged_.insert(share.source);
    log.write(log_level::warning, text_of(peer, share, by), now);
}

bool refusal_log::may_log(time_point now) noexcept
{
    if (now >= minute_ + std::chrono::minutes{1}) {
        minute_ = now;
        lines_ = 0;
    }
    return lines_++ < lines_per_minute;
}

}  // namespace quivive::runtime
