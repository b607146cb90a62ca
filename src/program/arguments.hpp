#pragma once

#include "quivive/cookie_policy.hpp"
#include "quivive/credentials.hpp"
#include "quivive/server_config.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace quivive::program {

// Readers of values on the command line. Each throws `std::invalid_argument` with a sentence that quotes the
// value and says what would be right.

/// "127.0.0.1:4433", "[::1]:4433".
[[nodiscard]] boost::asio::ip::udp::endpoint read_endpoint(std::string_view text);

/// The same for TCP.
[[nodiscard]] boost::asio::ip::tcp::endpoint read_tcp_endpoint(std::string_view text);

enum class zero : unsigned char { allowed, refused };

/// A time in seconds, decimals allowed; rounded up to whole milliseconds, so that only 0 is zero.
[[nodiscard]] std::chrono::milliseconds read_seconds(std::string_view text, zero at_least);

/// A whole decimal number in [least, most].
[[nodiscard]] std::size_t read_count(std::string_view text, std::size_t least, std::size_t most);

/// "always", "never", "adaptive" or "drop".
[[nodiscard]] cookie_exchange read_cookie_exchange(std::string_view text);

/// "detached" or "attached".
[[nodiscard]] record_layer read_record_layer(std::string_view text);

/// "on" or "off".
[[nodiscard]] bool read_switch(std::string_view text);

struct named_key {
    std::string identity;
    secret key;
};

/// "identity:hexkey"; the identity may hold colons. The key never shows in the message.
[[nodiscard]] named_key read_named_key(std::string_view text);

/// Overwrites the keys among the arguments of `main`, once they have been read: whoever may list processes
/// reads those too. What stands before a key's colon stays.
void hide_named_keys(std::span<char* const> arguments) noexcept;

}  // namespace quivive::program
