#pragma once

#include "config/document.hpp"
#include "config/ranges.hpp"
#include "quivive/network.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quivive::config {

/// Context that is passed to the reader of a value.
struct reading {
    std::filesystem::path folder;  ///< folder that relative paths are resolved against
    /// Reports a problem of the value, or of a part of it.
    std::function<void(const position&, std::string)> complain;
};

/// Reads and writes values of a type in a configuration file.
template <typename T>
struct format {
    std::string expects;  ///< continues "it must be "
    /// Returns an empty value when the value is invalid; the problem has then been reported.
    std::function<std::optional<T>(const value&, const reading&)> read;
    std::function<std::string(const T&)> write;  ///< TOML
};

[[nodiscard]] format<bool> flag();
[[nodiscard]] format<std::size_t> count(number_range range);
[[nodiscard]] format<std::size_t> size(number_range range);  ///< bytes
[[nodiscard]] format<std::chrono::milliseconds> duration(time_range range);
[[nodiscard]] format<unsigned> percent(percent_range range);

[[nodiscard]] format<std::string> text();
[[nodiscard]] format<std::string> path();                    ///< path of a file; empty: none
[[nodiscard]] format<std::vector<std::string>> protocols();  ///< ALPN protocol names

[[nodiscard]] format<std::vector<network>> networks();
[[nodiscard]] format<std::vector<boost::asio::ip::udp::endpoint>> addresses();
[[nodiscard]] format<boost::asio::ip::udp::endpoint> address();  ///< a destination: port 0 is refused
[[nodiscard]] format<std::optional<boost::asio::ip::tcp::endpoint>> optional_address();

/// A name of an enumeration.
template <typename T>
struct choice {
    std::string_view name;
    T value;
};
template <typename T>
[[nodiscard]] format<T> one_of(std::vector<choice<T>> choices);

/// Reports a problem such as "is 5; it must be a table".
inline void refuse(const value& value, const std::string& expects, const reading& reading)
{
    reading.complain(value.where, "is " + shown(value) + "; it must be " + expects);
}

template <typename T>
format<T> one_of(std::vector<choice<T>> choices)
{
    std::string names;
    for (std::size_t i = 0; i < choices.size(); ++i)
        names += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + in_quotes(choices[i].name);
    const auto read = [=](const value& value, const reading& reading) -> std::optional<T> {
        const auto* const name = std::get_if<std::string>(&value.content);
        for (const auto& each : choices)
            if (name != nullptr && *name == each.name) return each.value;
        refuse(value, names, reading);
        return {};
    };
    const auto write = [=](const T& held) {
        for (const auto& each : choices)
            if (each.value == held) return in_quotes(each.name);
        return in_quotes("unknown");
    };
    return {names, read, write};
}

}  // namespace quivive::config
