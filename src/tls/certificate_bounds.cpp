#include "tls/certificate_bounds.hpp"

#include "tls/der_walk.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace quivive::tls {

namespace {

// Tags of DER (X.690 8.1.2).
constexpr std::uint8_t integer = 0x02, bit_string = 0x03, octet_string = 0x04, object_id = 0x06,
                       sequence = 0x30;

constexpr std::array extended_key_usage{std::byte{0x55}, std::byte{0x1d}, std::byte{0x25}};  // 2.5.29.37

/// Returns true when GnuTLS reads the extension: the extensions of X.509 itself (2.5.29), and of the Internet
/// (RFC 5280 4.2.2).
bool is_of_known_extension(wire::bytes id) noexcept
{
    constexpr std::array x509{std::byte{0x55}, std::byte{0x1d}};
    constexpr std::array internet{std::byte{0x2b}, std::byte{6}, std::byte{1}, std::byte{5},
                                  std::byte{5},    std::byte{7}, std::byte{1}};
    const auto begins_with = [id](wire::bytes with) {
        return id.size() > with.size() && wire::equal(id.first(with.size()), with);
    };
    return begins_with(x509) || begins_with(internet);
}

using fault = std::optional<certificate_fault>;

fault fault_of(const der_walk& walk) noexcept
{
    switch (walk.fault()) {
        case der_walk::fault_kind::none:
            return std::nullopt;
        case der_walk::fault_kind::too_deep:
            return certificate_fault::too_large;
        case der_walk::fault_kind::no_der:
            break;
    }
    return certificate_fault::unreadable;
}

/// A chain, as far as it has been read.
class chain_reader {
public:
    /// Reads one certificate as far as possible.
    [[nodiscard]] fault read(wire::bytes certificate) noexcept
    {
        wire::bytes last_id;
        der_walk walk{certificate};
        while (const auto each = walk.next()) {
            if (++elements_ > max_elements) return certificate_fault::too_large;
            if (const auto fault = check(*each, last_id)) return fault;
            if (each->tag == object_id) last_id = each->content;
        }
        return fault_of(walk);
    }

private:
    static constexpr std::size_t max_elements = 1'024, max_in_extensions = 512, max_purposes = 32;
    static constexpr std::size_t largest_integer = 8'192 / 8 + 1, largest_exponent = 256 / 8 + 1;
    /// An ECDSA signature has two numbers, as an RSA key has. They are of P-521 at most.
    static constexpr std::size_t largest_of_signature = 521 / 8 + 2;

    /// `id` is the object identifier that precedes the element.
    [[nodiscard]] fault check(const der_element& each, wire::bytes id) noexcept
    {
        switch (each.tag) {
            case integer:
                return too_large_unless(each.content.size() <= largest_integer);
            case bit_string:
                return too_large_unless(takes_key(each.content));
            case octet_string:
                return check_extension(each.content, id);
            default:
                return std::nullopt;
        }
    }

    [[nodiscard]] static fault too_large_unless(bool fits) noexcept
    {
        return fits ? std::nullopt : fault{certificate_fault::too_large};
    }

    /// An RSA key is a modulus and an exponent. Other keys have no numbers and may be any bytes, so anything
    /// other than a sequence of two numbers is ignored. GnuTLS accepts an RSA key in every form of BER, with
    /// any count of unused bits.
    [[nodiscard]] static bool takes_key(wire::bytes content) noexcept
    {
        wire::reader bits{content};
        (void)bits.u8();
        const auto key = read_element(bits);
        wire::reader numbers{key.content};
        const auto modulus = read_element(numbers), exponent = read_element(numbers);
        if (!numbers.ok() || key.tag != sequence || modulus.tag != integer || exponent.tag != integer)
            return true;
        const auto of_modulus = modulus.content.size(), of_exponent = exponent.content.size();
        return std::max(of_modulus, of_exponent) <= largest_of_signature ||
               (of_modulus <= largest_integer && of_exponent <= largest_exponent);
    }

    /// Counts the elements of a sequence, the only content that takes GnuTLS long to read. Other extensions
    /// may have any bytes, which count as far as they are DER.
    [[nodiscard]] fault check_extension(wire::bytes content, wire::bytes id) noexcept
    {
        wire::reader in{content};
        if (read_element(in).tag != sequence) return std::nullopt;
        const std::size_t max_names =
            wire::equal(id, extended_key_usage) ? 1 + max_purposes : max_in_extensions;
        std::size_t count = 0;
        der_walk walk{content};
        while (walk.next()) {
            const bool fits = ++in_extensions_ <= max_in_extensions && ++count <= max_names;
            if (!fits) return certificate_fault::too_large;
        }
        return is_of_known_extension(id) ? fault_of(walk) : std::nullopt;
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
