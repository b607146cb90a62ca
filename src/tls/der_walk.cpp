#include "tls/der_walk.hpp"

#include <algorithm>

namespace quivive::tls {

namespace {

// X.690 8.1.2, 8.1.3.
constexpr std::uint8_t constructed = 0x20, long_tag = 0x1f, indefinite_length = 0x80;
/// X.690 10.2: DER has no strings in parts.
constexpr std::uint8_t bit_string_in_parts = 0x23, octet_string_in_parts = 0x24;
/// No certificate needs more; DER sets no limit.
constexpr std::size_t max_length_octets = 4;

/// Reads a tag number in octets of its own. DER encodes a number below 31 in the first octet only.
std::uint32_t read_long_tag(wire::reader& in) noexcept
{
    constexpr std::uint32_t any_large = 1U << 20;
    std::uint32_t number = 0;
    std::uint8_t octet = 0;
    do {
        octet = in.u8();
        number = std::min(number << 7 | (octet & 0x7fU), any_large);
    } while ((octet & 0x80U) != 0);
    return number;
}

}  // namespace

der_element read_element(wire::reader& in) noexcept
{
    der_element read;
    read.is_der = true;
    read.tag = in.u8();
    if ((read.tag & long_tag) == long_tag)
        if (const auto number = read_long_tag(in); number < long_tag) {
            read.tag = static_cast<std::uint8_t>((read.tag & 0xe0U) | number);
            read.is_der = false;
        }
    const auto first = in.u8();
    if (first == indefinite_length) {
        read.is_der = false;
        read.content = in.take(in.rest().size());
        return read;
    }
    const std::size_t octets = first & 0x7fU;
    read.is_der = read.is_der && (first < 0x80 || octets <= max_length_octets);
    read.content = in.take(first < 0x80 ? first : static_cast<std::size_t>(in.integer(octets)));
    return read;
}

std::optional<der_element> der_walk::next() noexcept
{
    while (depth_ > 0 && rests_[depth_ - 1].empty()) --depth_;
    if (depth_ == 0 || fault_ != fault_kind::none) return std::nullopt;
    auto& rest = rests_[depth_ - 1];
    wire::reader in{rest};
    const auto each = read_element(in);
    const bool in_parts = each.tag == bit_string_in_parts || each.tag == octet_string_in_parts;
    if (!in.ok() || !each.is_der || in_parts) {
        fault_ = fault_kind::no_der;
        return std::nullopt;
    }
    rest = in.rest();
    if ((each.tag & constructed) == 0 || each.content.empty()) return each;
    if (depth_ == max_depth) {
        fault_ = fault_kind::too_deep;
        return std::nullopt;
    }
    rests_[depth_++] = each.content;
    return each;
}

}  // namespace quivive::tls
