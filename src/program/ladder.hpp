#pragma once

#include "quivive/observer.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace quivive::program {

/// Draws handshakes as ladders of flights, a line at a time: the client on the left, the server on the right,
/// sizes in bytes of UDP payload, times since the first datagram. Each line begins with the peer's name, so
/// that handshakes that happen at once can be told apart.
///
/// It remembers `most_peers` peers at most; a newcomer makes it forget the one that has been quiet longest,
/// whose next datagram, if one comes, begins a new ladder. A lone alert begins none. Thread-safe.
class ladder {
public:
    enum class side : unsigned char { client, server };
    using line_sink = std::function<void(std::string_view)>;

    ladder(side ours, line_sink out, std::size_t most_peers = 1'024);

    void note(const trace_event& event);

private:
    using clock = std::chrono::steady_clock;
    using endpoint = boost::asio::ip::udp::endpoint;
    using peer_name = std::pair<endpoint, endpoint>;  // peer, local

    struct climb {
        peer_name name;
        clock::time_point begin;
        clock::time_point last;
        bool over = false;  // a ClientHello begins another one
    };

    [[nodiscard]] bool is_stray_alert(const trace_event& event) const;
    climb& find_or_begin(const trace_event& event);
    void begin(climb& which, const trace_event& event);
    void forget_quietest();
    void write_message(const climb& which, const trace_event& event);
    void write_end(const climb& which, const trace_event& event);
    void write(const climb& which, std::string_view rail, std::string_view rest);

    const side ours_;
    const line_sink out_;
    const std::size_t most_peers_;

    std::mutex mutex_;
    std::list<climb> climbs_;  // quiet longest first
    std::map<peer_name, std::list<climb>::iterator> by_name_;
};

}  // namespace quivive::program
