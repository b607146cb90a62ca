#pragma once

#include <cstddef>

namespace quivive::dispatch {

/// Total memory of the handshakes in progress in bytes, without GnuTLS's own
/// (`limits::half_open_bytes_total`).
class held_memory {
public:
    /// Memory of one handshake; its destructor subtracts it from the total.
    class reservation {
    public:
        explicit reservation(held_memory& whole) noexcept : whole_{&whole} {}
        reservation(const reservation&) = delete;
        reservation& operator=(const reservation&) = delete;
        ~reservation() { set(0); }

        [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
        void set(std::size_t bytes) noexcept
        {
            whole_->bytes_ += bytes - bytes_;
            bytes_ = bytes;
        }

    private:
        held_memory* whole_;
        std::size_t bytes_ = 0;
    };

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// Returns how many bytes remain when the total may be `most`.
    [[nodiscard]] std::size_t left_of(std::size_t most) const noexcept
    {
        return bytes_ < most ? most - bytes_ : 0;
    }

private:
    std::size_t bytes_ = 0;
};

}  // namespace quivive::dispatch
