#pragma once

#include "wire/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::tls {

/// An element of DER, or of BER (X.690 8.1).
struct der_element {
    std::uint8_t tag = 0;  ///< class, form and tag number; of a number above 30 the first octet
    wire::bytes content;
    bool is_der = false;  ///< its tag and its length have a form of DER
};

/// The next element in whatever form: libtasn1 reads most of them when it is not told to be strict. Of one
/// without a length (X.690 8.1.3.6) all that follows is the content. `in.ok()` is false when it is cut short.
[[nodiscard]] der_element read_element(wire::reader& in) noexcept;

/// Goes through all elements of some DER, each before those that it holds. They are as X.690 has them: each
/// lies within the one that holds it, and what follows is never taken for a part of it.
class der_walk {
public:
    explicit der_walk(wire::bytes der) noexcept { rests_[0] = der; }

    /// The next element. Empty: that was all, or `fault()` says what stands there instead.
    [[nodiscard]] std::optional<der_element> next() noexcept;

    enum class fault_kind : unsigned char { none, no_der, too_deep };
    [[nodiscard]] fault_kind fault() const noexcept { return fault_; }

    /// Elements in one another. A certificate has six or seven, a long extension ten.
    static constexpr std::size_t most_depth = 32;

private:
    std::array<wire::bytes, most_depth> rests_;  ///< of each element that holds the next one, outermost first
    std::size_t depth_ = 1;                      ///< how many of them count
    fault_kind fault_ = fault_kind::none;
};

}  // namespace quivive::tls
