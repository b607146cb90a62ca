#pragma once

#include <cstddef>

namespace quivive::gate {

/// What may be sent to an address that nobody has proven yet: three times the bytes that came from there, all
/// of UDP payload counted, and whatever leaves for it (RFC 9000 section 8, for DTLS). With it a forged source
/// address gains its owner's enemy nothing that sending directly would not.
class budget {
public:
    void received(std::size_t bytes) noexcept { left_ += 3 * bytes; }
    void add(const budget& other) noexcept { left_ += other.left_; }

    /// Takes `bytes` out of it, all or, when they are too many, none.
    [[nodiscard]] bool spend(std::size_t bytes) noexcept
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
