#pragma once

#include <cstdint>

namespace quivive::record {

/// Replay window over the 64 newest sequence numbers of one epoch (RFC 6347 4.1.2.6). Moves only for records
/// that verified.
class replay_window {
public:
    /// Returns whether this sequence number was received before, or is too old for the window.
    [[nodiscard]] constexpr bool has(std::uint64_t sequence) const noexcept
    {
        if (seen_ == 0 || sequence > newest_) return false;
        const auto age = newest_ - sequence;
        return age >= 64 || (seen_ >> age & 1) != 0;
    }

    /// Records the sequence number of a record that verified. Returns true when it is the highest so far.
    constexpr bool note(std::uint64_t sequence) noexcept
    {
        if (seen_ == 0 || sequence > newest_) {
            const auto step = seen_ == 0 ? 0 : sequence - newest_;
            seen_ = (step < 64 ? seen_ << step : 0) | 1;
            newest_ = sequence;
            return true;
        }
        if (newest_ - sequence < 64) seen_ |= std::uint64_t{1} << (newest_ - sequence);
        return false;
    }

    // For the export of a session to another process, and its import.
    [[nodiscard]] constexpr std::uint64_t newest() const noexcept { return newest_; }
    [[nodiscard]] constexpr std::uint64_t seen() const noexcept { return seen_; }
    [[nodiscard]] static constexpr replay_window restored(std::uint64_t newest, std::uint64_t seen) noexcept
    {
        replay_window window;
        window.newest_ = newest;
        window.seen_ = seen;
        return window;
    }

private:
    std::uint64_t newest_ = 0;
    std::uint64_t seen_ = 0;  ///< one bit per sequence number, the newest in bit 0; 0: none received yet
};

}  // namespace quivive::record
