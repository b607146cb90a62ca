#pragma once

#include "wire/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::tls {

/// An element of DER, or of BER (X.690 8.1).
struct der_element {
    std::uint8_t tag = 0;  ///< class, form and tag number; for a number above 30, the first octet
    wire::bytes content;
    bool is_der = false;  ///< tag and length have a form of DER; excess octets of a length count as DER
};

/// Reads the next element in any form. libtasn1 accepts most forms unless it is set to be strict. An element
/// of indefinite length (X.690 8.1.3.6) contains all bytes that follow. `in.ok()` is false when the element
/// is truncated.
[[nodiscard]] der_element read_element(wire::reader& in) noexcept;

/// Visits all elements of some DER, each before its children. The boundaries follow X.690: each element lies
/// within its parent, and bytes after an element never count as part of it.
class der_walk {
public:
    explicit der_walk(wire::bytes der) noexcept { rests_[0] = der; }

    /// Returns the next element. Empty: there are no more, or `fault()` names the error.
    [[nodiscard]] std::optional<der_element> next() noexcept;

    enum class fault_kind : unsigned char { none, no_der, too_deep };
    [[nodiscard]] fault_kind fault() const noexcept { return fault_; }

    /// Maximum nesting depth. A certificate has six or seven levels, a long extension ten.
    static constexpr std::size_t max_depth = 32;

private:
    std::array<wire::bytes, max_depth> rests_;  ///< rest of each enclosing element, outermost first
    std::size_t depth_ = 1;                     ///< number of valid entries in `rests_`
    fault_kind fault_ = fault_kind::none;
};

}  // namespace quivive::tls
