#pragma once

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

namespace quivive {

/// Kind of a `trace_event`.
enum class trace_kind : unsigned char {
    received,     ///< a datagram with handshake records was received
    sent,         ///< such a datagram was sent
    established,  ///< the handshake is finished; `text` is the cipher suite
    failed,       ///< the handshake ended without a session; `text` is the reason
    closed,       ///< the session has ended; `text` is the reason
    moved,        ///< the peer has moved to this address (RFC 9146); `text` is the previous one
};

/// A step of a handshake, for a sequence diagram. All views end with the call.
struct trace_event {
    trace_kind kind{};                           ///< kind of the step
    std::chrono::steady_clock::time_point when;  ///< time of the step
    boost::asio::ip::udp::endpoint local;        ///< local address
    boost::asio::ip::udp::endpoint peer;         ///< peer's address
    std::size_t bytes = 0;                       ///< size of the UDP payload

    /// Names of the messages, e.g. "ServerHello, Certificate, ServerKeyExchange, ServerHelloDone".
    std::string_view text;
};

/// A function that receives trace events. Called on the server's threads, on several at once. It must not
/// block. An exception ends the process.
using trace_sink = std::function<void(const trace_event&)>;

/// Severity of a log line.
enum class log_level : unsigned char { debug, info, warning, error };

/// A function that receives log lines. The rules of `trace_sink` apply. Lines that peers cause are limited to
/// 20 per second and thread.
using log_sink = std::function<void(log_level, std::string_view)>;

}  // namespace quivive
