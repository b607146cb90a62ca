#include "tls/certificate_bounds.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace quivive::tls {

namespace {

// DER (X.690 8.1.2): what is looked at.
constexpr std::uint8_t constructed = 0x20, long_tag = 0x1f;
constexpr std::uint8_t integer = 0x02, bit_string = 0x03, octet_string = 0x04, object_id = 0x06,
                       sequence = 0x30;

constexpr std::array extended_key_usage{std::byte{0x55}, std::byte{0x1d}, std::byte{0x25}};  // 2.5.29.37

struct element {
    std::uint8_t tag = 0;
    wire::bytes content;
};

/// The next element; `in.ok()` is false when it is cut short, or none of DER.
element next_element(wire::reader& in) noexcept
{
    element read;
    read.tag = in.u8();
    const auto first = in.u8();
    const auto size = first < 0x80 ? first : in.integer(first & 0x7fU);
    const bool is_der = (read.tag & long_tag) != long_tag && first != 0x80 && first <= 0x84;
    read.content = in.take(is_der ? static_cast<std::size_t>(size) : SIZE_MAX);
    return read;
}

/// The same, and goes on within it if it holds others.
element next_in_depth(wire::reader& in) noexcept
{
    const auto before = in.rest();
    const auto each = next_element(in);
    if (in.ok() && (each.tag & constructed) != 0) {
        const auto header = static_cast<std::size_t>(each.content.data() - before.data());
        in = wire::reader{before.subspan(header)};
    }
    return each;
}

/// One chain, as far as it has been read.
class chain_reader {
public:
    /// One certificate, which is read as far as it can be.
    [[nodiscard]] std::optional<certificate_fault> read(wire::bytes certificate) noexcept
    {
        wire::bytes last_id;
        for (wire::reader in{certificate}; !in.done();) {
            const auto each = next_in_depth(in);
            if (!in.ok()) return certificate_fault::unreadable;
            const bool fits = ++elements_ <= most_elements && takes(each, last_id);
            if (!fits) return certificate_fault::too_large;
            if (each.tag == object_id) last_id = each.content;
        }
        return std::nullopt;
    }

private:
    static constexpr std::size_t most_elements = 1'024, most_in_extensions = 512, most_purposes = 32;
    static constexpr std::size_t largest_integer = 8'192 / 8 + 1, largest_exponent = 256 / 8 + 1;
    /// A signature of ECDSA has two numbers as an RSA key has, of P-521 at most.
    static constexpr std::size_t largest_of_signature = 521 / 8 + 2;

    /// `id`: the object identifier before it.
    [[nodiscard]] bool takes(const element& each, wire::bytes id) noexcept
    {
        switch (each.tag) {
            case integer:
                return each.content.size() <= largest_integer;
            case bit_string:
                return takes_key(each.content);
            case octet_string:
                return takes_extension(each.content, id);
            default:
                return true;
        }
    }

    /// An RSA key is modulus and exponent. Others have no numbers.
    [[nodiscard]] static bool takes_key(wire::bytes content) noexcept
    {
        wire::reader bits{content};
        if (bits.u8() != 0) return true;
        wire::reader numbers{next_element(bits).content};
        const auto modulus = next_element(numbers), exponent = next_element(numbers);
        if (!numbers.ok() || modulus.tag != integer || exponent.tag != integer) return true;
        return modulus.content.size() <= largest_of_signature ||
               (modulus.content.size() <= largest_integer && exponent.content.size() <= largest_exponent);
    }

    /// What is ASN.1 itself, as all is that anyone here reads.
    [[nodiscard]] bool takes_extension(wire::bytes content, wire::bytes id) noexcept
    {
        if (content.empty() || std::to_integer<std::uint8_t>(content.front()) != sequence) return true;
        std::size_t count = 0;
        for (wire::reader in{content}; !in.done(); ++count) (void)next_in_depth(in);
        in_extensions_ += count;
        const bool of_purposes = std::ranges::equal(id, extended_key_usage);
        return in_extensions_ <= most_in_extensions && (!of_purposes || count <= 1 + most_purposes);
    }

    std::size_t elements_ = 0, in_extensions_ = 0;
};

}  // namespace

std::optional<certificate_fault> check_bounds(wire::bytes certificate_message) noexcept
{
    wire::reader message{certificate_message};
    wire::reader list{message.vector(3)};
    chain_reader chain;
    while (message.ok() && !list.done()) {
        const auto certificate = list.vector(3);
        if (!list.ok()) break;
        if (const auto fault = chain.read(certificate)) return fault;
    }
    return std::nullopt;
}

}  // namespace quivive::tls
