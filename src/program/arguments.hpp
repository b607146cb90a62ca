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

// Parsers of values on the command line. Each throws `std::invalid_argument` with a sentence that quotes the
// value and describes valid ones.

/// Parses an address such as "127.0.0.1:4433" or "[::1]:4433".
[[nodiscard]] boost::asio::ip::udp::endpoint read_endpoint(std::string_view text);

/// Parses the same for TCP.
[[nodiscard]] boost::asio::ip::tcp::endpoint read_tcp_endpoint(std::string_view text);

enum class zero : unsigned char { allowed, refused };

/// Parses a time in seconds, with decimals. Rounds up to whole milliseconds, so that only 0 becomes zero.
[[nodiscard]] std::chrono::milliseconds read_seconds(std::string_view text, zero at_least);

/// Parses a whole decimal number in [least, most].
[[nodiscard]] std::size_t read_count(std::string_view text, std::size_t least, std::size_t most);

/// Parses "always", "never", "adaptive" or "drop".
[[nodiscard]] cookie_exchange read_cookie_exchange(std::string_view text);

/// Parses "detached" or "attached".
[[nodiscard]] record_layer read_record_layer(std::string_view text);

/// Parses "on" or "off".
[[nodiscard]] bool read_switch(std::string_view text);

struct named_key {
    std::string identity;
    secret key;
};

/// Parses "identity:hexkey". The identity may contain colons. The exception's message never contains the key.
[[nodiscard]] named_key read_named_key(std::string_view text);

/// Overwrites the keys in the arguments of `main` after they have been parsed, since any user who can list
/// processes can read the arguments. The identity before a key's colon is kept.
void hide_named_keys(std::span<char* const> arguments) noexcept;

}  // namespace quivive::program
