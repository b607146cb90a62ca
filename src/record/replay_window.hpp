#pragma once

#include <cstdint>

namespace quivive::record {

/// The 64 newest sequence numbers of one epoch (RFC 6347 4.1.2.6). It moves only for records that verified.
class replay_window {
public:
    /// Whether a record of this number was seen, or is too old to tell.
    [[nodiscard]] constexpr bool has(std::uint64_t sequence) const noexcept
    {
        if (seen_ == 0 || sequence > newest_) return false;
        const auto age = newest_ - sequence;
        return age >= 64 || (seen_ >> age & 1) != 0;
    }

    /// Notes a record that verified. True when it is the newest of all.
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

    // For a session that another process goes on with.
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
    std::uint64_t seen_ = 0;  ///< a bit a number, the newest lowest; 0: none yet
};

}  // namespace quivive::record
