#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quivive {

/// A network in CIDR form (RFC 4632, RFC 4291 2.3), IPv4 or IPv6. An IPv4-mapped one (RFC 4291 2.5.5.2) is
/// IPv4: `::ffff:10.0.0.0/104` is `10.0.0.0/8`. No IPv6 network holds an IPv4 address, `::/0` neither.
class network {
public:
    /// An IPv4 address in its IPv4-mapped form.
    using address_bytes = std::array<std::byte, 16>;

    /// Reads "10.20.0.0/16", "fd00::/8", or a lone address for a network of one. Empty when `text` is none of
    /// these, or has bits beyond its prefix ("10.20.0.1/16"; see `enclosing`).
    [[nodiscard]] static std::optional<network> parse(std::string_view text);

    /// The same, but bits beyond the prefix are cleared.
    [[nodiscard]] static std::optional<network> enclosing(std::string_view text);

    /// Its first address, and its last.
    [[nodiscard]] const address_bytes& first() const noexcept { return first_; }
    [[nodiscard]] address_bytes last() const noexcept;

    [[nodiscard]] bool is_v4() const noexcept { return v4_; }
    [[nodiscard]] unsigned prefix_length() const noexcept { return prefix_length_; }  ///< 0..32, or 0..128

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

/// "10.20.0.0/16"; `network::parse` reads it back.
[[nodiscard]] std::string to_string(const network& network);

}  // namespace quivive
