#pragma once

#include <cstddef>

namespace quivive::gate {

/// Anti-amplification limit for an unvalidated address: three times the bytes received from it. It counts all
/// UDP payload in both directions (RFC 9000 section 8, for DTLS). An attacker who forges a victim's address
/// gains nothing over sending to the victim directly.
class amplification_limiter {
public:
    void received(std::size_t bytes) noexcept { left_ += 3 * bytes; }
    void add(const amplification_limiter& other) noexcept { left_ += other.left_; }

    /// Takes `bytes`, or returns false and takes nothing when fewer are left.
    [[nodiscard]] bool take(std::size_t bytes) noexcept
    {
        if (bytes > left_) return false;
        left_ -= bytes;
        return true;
    }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

private:
    std::size_t left_ = 0;
};

}  // namespace quivive::gate
