#pragma once

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

namespace quivive {

enum class trace_kind : unsigned char {
    received,     ///< a datagram with handshake records came
    sent,         ///< one left
    established,  ///< the handshake is finished; `text` is the cipher suite
    failed,       ///< it has failed, or timed out; `text` says why
    closed,       ///< the session is over; `text` says why
    moved,        ///< the session's peer has this address now (RFC 9146); `text` is the one before
};

/// One step of a handshake, for a ladder of flights. All views end with the call.
struct trace_event {
    trace_kind kind{};
    std::chrono::steady_clock::time_point when;
    boost::asio::ip::udp::endpoint local;
    boost::asio::ip::udp::endpoint peer;
    std::size_t bytes = 0;  ///< UDP payload
    std::string_view
        text;  ///< the messages, e.g. "ServerHello, Certificate, ServerKeyExchange, ServerHelloDone"
};

/// Called on the server's threads, several at once; must not block, and what it throws ends the process.
using trace_sink = std::function<void(const trace_event&)>;

enum class log_level : unsigned char { debug, info, warning, error };

/// As `trace_sink`. What peers cause is limited to 20 lines a second and thread.
using log_sink = std::function<void(log_level, std::string_view)>;

}  // namespace quivive
