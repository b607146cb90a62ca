#pragma once

#include <cstddef>

namespace quivive::dispatch {

/// Bytes that the handshakes in progress hold together, beside GnuTLS's own
/// (`limits::half_open_bytes_total`).
class held_memory {
public:
    /// Those of one handshake, which go with it.
    class part {
    public:
        explicit part(held_memory& whole) noexcept : whole_{&whole} {}
        part(const part&) = delete;
        part& operator=(const part&) = delete;
        ~part() { set(0); }

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
    /// What may still be held when all may hold `most`.
    [[nodiscard]] std::size_t left_of(std::size_t most) const noexcept
    {
        return bytes_ < most ? most - bytes_ : 0;
    }

private:
    std::size_t bytes_ = 0;
};

}  // namespace quivive::dispatch
