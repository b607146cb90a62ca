#include "quivive/server_config.hpp"

#include <charconv>

namespace quivive {

namespace ip = boost::asio::ip;

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text)
{
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port > 65'535)
        return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

}  // namespace

std::optional<ip::udp::endpoint> parse_endpoint(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // a C string would end there
    auto host = text.substr(0, colon);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);

    const auto port = parse_port(text.substr(colon + 1));
    boost::system::error_code error;
    const auto address = ip::make_address(std::string{host}, error);
    if (!port || error || address.is_v6() != bracketed) return std::nullopt;
    return ip::udp::endpoint{address, *port};
}

std::string to_string(const ip::udp::endpoint& endpoint)
{
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    const auto port = std::to_string(endpoint.port());
    auto text = address.to_string();
    if (address.is_v6()) text = std::string{"["}.append(text).append("]");
    return text.append(":").append(port);
}

}  // namespace quivive
