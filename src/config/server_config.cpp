#include "config/server_config.hpp"

#include "config/cookie_policy.hpp"

#include <algorithm>

namespace quivive {

namespace config {

namespace {

/// RFC 6347 4.1.1.1 leaves the least to the path; below this no flight of a usual chain fits 31 records.
constexpr std::size_t least_mtu = 256;
constexpr std::size_t most_mtu = 65'507;
/// A year: beyond it a time added to the clock might overflow.
constexpr std::chrono::milliseconds longest_time = std::chrono::hours{365 * 24};

void append(std::vector<std::string>& all, std::vector<std::string> more)
{
    std::ranges::move(more, std::back_inserter(all));
}

void check_range(std::vector<std::string>& problems, const char* key, std::size_t value, std::size_t least,
                 std::size_t most)
{
    if (value < least || value > most)
        problems.push_back(std::string{key} + " is " + std::to_string(value) + "; it must be " +
                           std::to_string(least) + ".." + std::to_string(most));
}

}  // namespace

std::vector<std::string> check(const limits& limits)
{
    constexpr std::size_t any = 1'000'000'000;
    std::vector<std::string> problems;
    const auto count = [&](const char* key, std::size_t value) { check_range(problems, key, value, 1, any); };
    count("limits.max_sessions", limits.max_sessions);
    count("limits.max_half_open", limits.max_half_open);
    count("limits.max_half_open_per_source", limits.max_half_open_per_source);
    count("limits.max_unaccepted", limits.max_unaccepted);
    count("limits.receive_queue_messages", limits.receive_queue_messages);
    count("limits.receive_queue_bytes", limits.receive_queue_bytes);
    count("limits.send_queue_datagrams", limits.send_queue_datagrams);
    check_range(problems, "limits.max_datagram_bytes", limits.max_datagram_bytes, 512, most_mtu);
    check_range(problems, "limits.max_handshake_message_bytes", limits.max_handshake_message_bytes, 1'024,
                131'072);
    check_range(problems, "limits.early_records", limits.early_records, 0, 64);

    const auto time = [&](const char* key, std::chrono::milliseconds value, std::chrono::milliseconds least) {
        if (value < least || value > longest_time)
            problems.push_back(std::string{key} + " is " + std::to_string(value.count()) +
                               " ms; it must be " + std::to_string(least.count()) + ".." +
                               std::to_string(longest_time.count()) + " ms");
    };
    using namespace std::chrono_literals;
    time("limits.handshake_timeout", limits.handshake_timeout, 100ms);
    time("limits.idle_timeout", limits.idle_timeout, 0ms);
    time("limits.retransmit_first", limits.retransmit_first, 50ms);
    time("limits.repeat_interval", limits.repeat_interval, 0ms);
    time("limits.last_flight_kept", limits.last_flight_kept, 0ms);
    time("limits.half_open_grace", limits.half_open_grace, 0ms);
    time("limits.alerted_handshake_grace", limits.alerted_handshake_grace, 0ms);
    time("limits.close_timeout", limits.close_timeout, 0ms);
    return problems;
}

std::vector<std::string> check_mtus(std::size_t mtu, std::size_t handshake_mtu)
{
    std::vector<std::string> problems;
    check_range(problems, "mtu", mtu, least_mtu, most_mtu);
    check_range(problems, "handshake_mtu", handshake_mtu, least_mtu, most_mtu);
    return problems;
}

std::vector<std::string> check(const client_config& config)
{
    auto problems = check(config.limits);
    append(problems, check_mtus(config.mtu, config.handshake_mtu));
    return problems;
}

}  // namespace config

std::vector<std::string> validate(const server_config& server)
{
    std::vector<std::string> problems;
    if (server.listen.empty())
        problems.emplace_back("listen is empty; give at least one address, such as 127.0.0.1:4433");
    for (auto at = server.listen.begin(); at != server.listen.end(); ++at)
        if (at->port() != 0 && std::find(server.listen.begin(), at, *at) != at)
            problems.push_back("listen has " + to_string(*at) + " twice; name it once");
    config::append(problems, config::check(server.cookies));
    config::append(problems, config::check(server.limits));
    config::append(problems, config::check_mtus(server.mtu, server.handshake_mtu));
    config::check_range(problems, "threads", server.threads, 0, 1'024);
    return problems;
}

}  // namespace quivive
