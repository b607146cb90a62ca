#include "quivive/network.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace quivive {

namespace ip = boost::asio::ip;

namespace {

constexpr unsigned v4_bits = 32, v6_bits = 128;

std::optional<unsigned> read_prefix_length(std::string_view text, unsigned most)
{
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    unsigned length = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, length);
    if (error != std::errc{} || stopped != end || length > most) return std::nullopt;
    return length;
}

network::address_bytes as_v6(const ip::address& address)
{
    const auto v6 = address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
    network::address_bytes bytes;
    std::ranges::transform(v6.to_bytes(), bytes.begin(), [](unsigned char b) { return std::byte{b}; });
    return bytes;
}

/// Sets all bits after the first `length` to one or zero.
network::address_bytes fill(network::address_bytes address, unsigned length, bool ones)
{
    for (unsigned i = 0; i < address.size(); ++i) {
        const auto kept = std::clamp(length, 8 * i, 8 * i + 8) - 8 * i;
        const std::byte behind{static_cast<unsigned char>(0xff >> kept)};
        address[i] = ones ? address[i] | behind : address[i] & ~behind;
    }
    return address;
}

}  // namespace

std::optional<network> network::enclosing(std::string_view text)
{
    const auto slash = text.find('/');
    const std::string host{text.substr(0, slash)};
    boost::system::error_code error;
    const auto address = ip::make_address(host, error);
    // Addresses with a scope or an embedded NUL are refused.
    if (error || host.find('%') != std::string::npos || host.find('\0') != std::string::npos)
        return std::nullopt;

    const auto bits = address.is_v4() ? v4_bits : v6_bits;
    const auto length =
        slash == std::string_view::npos ? bits : read_prefix_length(text.substr(slash + 1), bits);
    if (!length) return std::nullopt;

    const auto bytes = as_v6(address);
    const auto in_v6 = *length + v6_bits - bits;
    const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped() && in_v6 >= v6_bits - v4_bits;
    const bool v4 = address.is_v4() || mapped;
    return network{fill(bytes, in_v6, false), v4, v4 ? in_v6 - (v6_bits - v4_bits) : in_v6};
}

std::optional<network> network::parse(std::string_view text)
{
    const auto whole = enclosing(text);
    if (!whole) return std::nullopt;
    boost::system::error_code error;
    const auto address = ip::make_address(std::string{text.substr(0, text.find('/'))}, error);
    return as_v6(address) == whole->first() ? whole : std::nullopt;
}

network::address_bytes network::last() const noexcept
{
    return fill(first_, v4_ ? prefix_length_ + (v6_bits - v4_bits) : prefix_length_, true);
}

std::string to_string(const network& network)
{
    ip::address_v6::bytes_type bytes;
    std::ranges::transform(network.first(), bytes.begin(),
                           [](std::byte b) { return std::to_integer<unsigned char>(b); });
    const ip::address_v6 v6{bytes};
    const auto address =
        network.is_v4() ? ip::make_address_v4(ip::v4_mapped, v6).to_string() : v6.to_string();
    return address + "/" + std::to_string(network.prefix_length());
}

}  // namespace quivive
