#pragma once

#include "tls/certificate_key.hpp"
#include "tls/handles.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace quivive::tls {

/// Kind of credential that proves the server's identity in a cipher suite.
enum class suite_family : unsigned char { certificate, psk };

/// Returns true for a key exchange with a PSK.
[[nodiscard]] bool is_psk(gnutls_kx_algorithm_t exchange) noexcept;

/// The cipher suites of a server's priorities that its credentials support, with their family.
class suite_families {
public:
    suite_families() noexcept = default;  ///< no suite
    suite_families(gnutls_priority_t priority, const certificate_key& key, bool has_psk);

    // `offered` has two bytes for each suite, as in a ClientHello (RFC 5246 7.4.1.2).

    /// Returns the family of the first offered suite in this set. No value: none is in it.
    [[nodiscard]] std::optional<suite_family> first_of(wire::bytes offered) const noexcept;
    [[nodiscard]] bool has_psk_in(wire::bytes offered) const noexcept;

    [[nodiscard]] bool has(std::uint16_t number) const noexcept { return find(number) != nullptr; }

private:
    struct suite {
        std::uint16_t number;
        suite_family family;
    };
    [[nodiscard]] const suite* find(std::uint16_t number) const noexcept;

    std::vector<suite> known_;  ///< ordered by number
};

}  // namespace quivive::tls
