#pragma once

#include "wire/outbox.hpp"

#include <cstddef>
#include <vector>

namespace quivive::dispatch {

/// What may be sent to an address that nobody has proven yet: three times the bytes that came from there, all
/// of UDP payload counted (RFC 9000 section 8, for DTLS). With it a forged source address gains its owner's
/// enemy nothing that sending directly would not.
class budget {
public:
    void received(std::size_t bytes) noexcept { left_ += 3 * bytes; }

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

/// Keeps what shall leave until it is known whether it may.
class held_flight final : public wire::outbox {
public:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;

    [[nodiscard]] std::size_t size_bytes() const noexcept { return bytes_.size(); }
    /// Passes it on.
    void release(wire::outbox& out) const noexcept;

private:
    struct piece {
        wire::path to;
        std::size_t size;
    };
    std::vector<piece> datagrams_;
    std::vector<std::byte> bytes_;  ///< of all datagrams, one after the other
};

}  // namespace quivive::dispatch
