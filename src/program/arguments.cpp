#include "program/arguments.hpp"

#include "quivive/server_config.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace quivive::program {
namespace {

constexpr double max_seconds = 1e6;  // eleven days; far from any overflow

[[noreturn]] void refuse(std::string_view text, std::string_view what_would_be_right)
{
    throw std::invalid_argument("'" + std::string{text} + "' is not " + std::string{what_would_be_right});
}

/// Parses `text` as a number. Returns false unless the whole text is one.
template <typename Number>
[[nodiscard]] bool read_number(std::string_view text, Number& into)
{
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, into);
    return error == std::errc{} && stopped == end;
}

}  // namespace

boost::asio::ip::udp::endpoint read_endpoint(std::string_view text)
{
    const auto endpoint = parse_endpoint(text);
    if (!endpoint) refuse(text, "ADDR:PORT, as in 127.0.0.1:4433 or [::1]:4433");
    return *endpoint;
}

boost::asio::ip::tcp::endpoint read_tcp_endpoint(std::string_view text)
{
    const auto endpoint = read_endpoint(text);
    return {endpoint.address(), endpoint.port()};
}

std::chrono::milliseconds read_seconds(std::string_view text, zero at_least)
{
    double seconds = 0;
    const bool is_number = read_number(text, seconds) && seconds >= 0 && seconds <= max_seconds;
    if (at_least == zero::refused) {
        if (!is_number || seconds == 0) refuse(text, "a number of seconds above 0, up to 1000000");
    } else if (!is_number) {
        refuse(text, "a number of seconds from 0 to 1000000");
    }
    return std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(std::ceil(seconds * 1e3))};
}

std::size_t read_count(std::string_view text, std::size_t least, std::size_t most)
{
    std::size_t count = 0;
    if (!read_number(text, count) || count < least || count > most) {
        refuse(text, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return count;
}

cookie_exchange read_cookie_exchange(std::string_view text)
{
    for (const auto exchange : {cookie_exchange::always, cookie_exchange::never, cookie_exchange::adaptive,
                                cookie_exchange::drop}) {
        if (text == to_string(exchange)) return exchange;
    }
    refuse(text, "'always', 'never', 'adaptive' or 'drop'");
}

record_layer read_record_layer(std::string_view text)
{
    for (const auto layer : {record_layer::detached, record_layer::attached}) {
        if (text == to_string(layer)) return layer;
    }
    refuse(text, "'detached' or 'attached'");
}

bool read_switch(std::string_view text)
{
    if (text != "on" && text != "off") refuse(text, "'on' or 'off'");
    return text == "on";
}

named_key read_named_key(std::string_view text)
{
    constexpr auto form =
        "not ID:HEX, an identity and its key in pairs of hex digits, as in sensor7:00ff10ab";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) throw std::invalid_argument(form);

    auto key = secret::from_hex(text.substr(colon + 1));
    if (!key) throw std::invalid_argument(form);
    return {std::string{text.substr(0, colon)}, *std::move(key)};
}

void hide_named_keys(std::span<char* const> arguments) noexcept
{
    constexpr std::string_view option = "--psk", with_value = "--psk=";
    bool is_value = false;
    for (char* const argument : arguments) {
        const std::string_view text{argument};
        if (is_value || text.starts_with(with_value)) {
            const auto colon = text.rfind(':');
            const auto begin = colon != std::string_view::npos ? colon + 1 : is_value ? 0 : with_value.size();
            std::fill(argument + begin, argument + text.size(), '*');
        }
        is_value = !is_value && text == option;
    }
}

}  // namespace quivive::program
