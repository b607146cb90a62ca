#include "config/format.hpp"
#include "quivive/server_config.hpp"

#include <algorithm>

namespace quivive::config {

namespace {

namespace ip = boost::asio::ip;

// Limits of GnuTLS. RFC 7301 3.1 would allow names of 255 bytes.
constexpr std::size_t max_protocols = 8;
constexpr std::size_t longest_protocol = 31;

bool has_control_character(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

// Reads a string that is safe to pass to C. The message does not show its contents, since it may be a key
// that was given in place of a file name.
const std::string* plain_string(const value& value, const std::string& expects, const reading& reading)
{
    const auto* const given = std::get_if<std::string>(&value.content);
    if (given == nullptr)
        refuse(value, expects, reading);
    else if (has_control_character(*given))
        reading.complain(value.where,
                         "contains a line break or another control character; it must be " + expects);
    else
        return given;
    return nullptr;
}

template <typename T>
using parser = std::optional<T> (*)(std::string_view);

template <typename T>
std::optional<T> read_one(const value& value, parser<T> parse, const std::string& expects,
                          const reading& reading)
{
    const auto* const given = std::get_if<std::string>(&value.content);
    auto parsed = given != nullptr ? parse(*given) : std::nullopt;
    if (!parsed) refuse(value, expects, reading);
    return parsed;
}

std::string as_text(const std::string& name) { return name; }
std::string as_text(const network& network) { return to_string(network); }
std::string as_text(const ip::udp::endpoint& endpoint) { return to_string(endpoint); }

enum class alone : unsigned char { accepted, refused };

// Returns the format of an array of strings. If `lone` is `accepted`, a single string stands for an array of
// one.
template <typename T>
format<std::vector<T>> list_of(std::string expects, parser<T> parse, std::string each_expects, alone lone)
{
    const auto read = [=](const value& value, const reading& reading) -> std::optional<std::vector<T>> {
        std::vector<T> items;
        const auto take = [&](const config::value& item) {
            auto parsed = read_one(item, parse, each_expects, reading);
            if (parsed) items.push_back(std::move(*parsed));
            return parsed.has_value();
        };
        bool good = true;
        if (const auto* const given = std::get_if<value::array>(&value.content)) {
            for (const auto& item : *given) good = take(item) && good;
        } else if (lone == alone::accepted && std::holds_alternative<std::string>(value.content)) {
            good = take(value);
        } else {
            refuse(value, expects, reading);
            good = false;
        }
        return good ? std::optional{std::move(items)} : std::nullopt;
    };
    const auto write = [](const std::vector<T>& held) {
        std::string text;
        for (const auto& item : held) text += (text.empty() ? "" : ", ") + in_quotes(as_text(item));
        return "[" + text + "]";
    };
    return {std::move(expects), read, write};
}

std::optional<std::string> parse_protocol(std::string_view name)
{
    if (name.empty() || name.size() > longest_protocol) return {};
    return std::string{name};
}

constexpr auto* an_address = "an address with its port, such as \"127.0.0.1:4433\" or \"[::1]:4433\"";

}  // namespace

format<std::string> text()
{
    const std::string expects = "a string";
    const auto read = [=](const value& value, const reading& reading) -> std::optional<std::string> {
        const auto* const given = plain_string(value, expects, reading);
        return given != nullptr ? std::optional{*given} : std::nullopt;
    };
    return {expects, read, [](const std::string& held) { return in_quotes(held); }};
}

format<std::string> path()
{
    const std::string expects = "the path of a file";
    const auto read = [=](const value& value, const reading& reading) -> std::optional<std::string> {
        const auto* const given = plain_string(value, expects, reading);
        if (given == nullptr) return {};
        return given->empty() ? std::string{} : absolute(reading.folder / *given).lexically_normal().string();
    };
    return {expects, read, [](const std::string& held) { return in_quotes(held); }};
}

format<std::vector<std::string>> protocols()
{
    const auto lengths = "of 1 to " + std::to_string(longest_protocol) + " bytes";
    const auto expects =
        "an array of at most " + std::to_string(max_protocols) + " names " + lengths + ", such as [\"coap\"]";
    auto form = list_of<std::string>(expects, &parse_protocol, "a name " + lengths, alone::refused);
    form.read = [=, read = form.read](const value& value,
                                      const reading& reading) -> std::optional<std::vector<std::string>> {
        auto names = read(value, reading);
        if (!names || names->size() <= max_protocols) return names;
        reading.complain(value.where,
                         "has " + std::to_string(names->size()) + " names; it must be " + expects);
        return {};
    };
    return form;
}

format<std::vector<network>> networks()
{
    return list_of<network>(
        "an array of networks such as [\"10.20.0.0/16\", \"fd00::/8\"]", &network::parse,
        "a network such as \"10.20.0.0/16\" or \"fd00::/8\", with no bits set beyond its prefix",
        alone::accepted);
}

format<std::vector<ip::udp::endpoint>> addresses()
{
    return list_of<ip::udp::endpoint>("an array of addresses such as [\"0.0.0.0:4433\", \"[::]:4433\"]",
                                      &parse_endpoint, an_address, alone::accepted);
}

format<ip::udp::endpoint> address()
{
    const auto read = [](const value& value, const reading& reading) -> std::optional<ip::udp::endpoint> {
        auto endpoint = read_one(value, &parse_endpoint, an_address, reading);
        if (!endpoint || endpoint->port() != 0) return endpoint;
        reading.complain(value.where, "has port 0; it must be 1..65535");
        return {};
    };
    const auto write = [](const ip::udp::endpoint& held) {
        return in_quotes(held == ip::udp::endpoint{} ? std::string{} : to_string(held));
    };
    return {an_address, read, write};
}

format<std::optional<ip::tcp::endpoint>> optional_address()
{
    using held_type = std::optional<ip::tcp::endpoint>;
    const auto expects = std::string{an_address} + ", or \"\" for none";
    const auto read = [=](const value& value, const reading& reading) -> std::optional<held_type> {
        const auto* const given = std::get_if<std::string>(&value.content);
        if (given != nullptr && given->empty()) return held_type{};
        const auto endpoint = read_one(value, &parse_endpoint, expects, reading);
        if (!endpoint) return {};
        return held_type{ip::tcp::endpoint{endpoint->address(), endpoint->port()}};
    };
    const auto write = [](const held_type& held) {
        return in_quotes(held ? to_string(ip::udp::endpoint{held->address(), held->port()}) : std::string{});
    };
    return {expects, read, write};
}

}  // namespace quivive::config
