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

/// Draws handshakes as sequence diagrams, line by line: client on the left, server on the right, sizes in
/// bytes of UDP payload, times since the first datagram. Each line starts with the peer's address, to
/// distinguish concurrent handshakes.
///
/// Stores at most `max_peers` peers. A new peer replaces the one that has been silent longest; a later
/// datagram of that one starts a new diagram. An alert of an unknown peer does not start a diagram.
/// Thread-safe.
class sequence_diagram {
public:
    enum class side : unsigned char { client, server };
    using line_sink = std::function<void(std::string_view)>;

    sequence_diagram(side ours, line_sink out, std::size_t max_peers = 1'024);

    void note(const trace_event& event);

private:
    using clock = std::chrono::steady_clock;
    using endpoint = boost::asio::ip::udp::endpoint;
    using peer_name = std::pair<endpoint, endpoint>;  // peer, local

    struct exchange {
        peer_name name;
        clock::time_point begin;
        clock::time_point last;
        bool over = false;  // the next ClientHello starts a new diagram
    };

    [[nodiscard]] bool is_stray_alert(const trace_event& event) const;
    exchange& find_or_begin(const trace_event& event);
    void begin(exchange& which, const trace_event& event);
    void remove_quietest();
    void write_message(const exchange& which, const trace_event& event);
    void write_end(const exchange& which, const trace_event& event);
    void write(const exchange& which, std::string_view rail, std::string_view rest);

    const side ours_;
    const line_sink out_;
    const std::size_t max_peers_;

    std::mutex mutex_;
    std::list<exchange> exchanges_;  // least recently active first
    std::map<peer_name, std::list<exchange>::iterator> by_name_;
};

}  // namespace quivive::program
