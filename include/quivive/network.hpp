#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quivive {

/// A network in CIDR form (RFC 4632, RFC 4291 2.3), IPv4 or IPv6. An IPv4-mapped network (RFC 4291 2.5.5.2)
/// is IPv4: "::ffff:10.0.0.0/104" equals "10.0.0.0/8". No IPv6 network contains an IPv4 address, not even
/// "::/0".
class network {
public:
    /// An address of 16 bytes. An IPv4 address is in its IPv4-mapped form.
    using address_bytes = std::array<std::byte, 16>;

    /// Reads "10.20.0.0/16", "fd00::/8", or a single address for a network of one. Empty when `text` is none
    /// of these, or has bits beyond its prefix ("10.20.0.1/16"; see `enclosing`).
    [[nodiscard]] static std::optional<network> parse(std::string_view text);

    /// Reads `text` as `parse` does, but clears bits beyond the prefix.
    [[nodiscard]] static std::optional<network> enclosing(std::string_view text);

    /// Returns the first address.
    [[nodiscard]] const address_bytes& first() const noexcept { return first_; }
    /// Returns the last address.
    [[nodiscard]] address_bytes last() const noexcept;

    /// Returns true for an IPv4 network.
    [[nodiscard]] bool is_v4() const noexcept { return v4_; }
    /// Returns the length of the prefix in bits: 0..32 for IPv4, 0..128 for IPv6.
    [[nodiscard]] unsigned prefix_length() const noexcept { return prefix_length_; }

    /// Compares family, address and prefix.
    friend bool operator==(const network&, const network&) = default;

private:
    network(const address_bytes& address, bool v4, unsigned prefix_length) noexcept
        : first_{address}, v4_{v4}, prefix_length_{prefix_length}
    {
    }

    address_bytes first_;
    bool v4_;
    unsigned prefix_length_;
};

/// Returns the text form, e.g. "10.20.0.0/16", which `network::parse` reads.
[[nodiscard]] std::string to_string(const network& network);

}  // namespace quivive
