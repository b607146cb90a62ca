#pragma once

#include "wire/outbox.hpp"

#include <cstddef>
#include <vector>

namespace quivive::dispatch {

/// Buffers datagrams until the caller decides whether to send them.
class buffering_outbox final : public wire::outbox {
public:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;

    [[nodiscard]] std::size_t size_bytes() const noexcept { return bytes_.size(); }
    /// Sends the buffered datagrams to `out`.
    void flush(wire::outbox& out) const noexcept;

private:
    struct piece {
        wire::path to;
        std::size_t size;
    };
    std::vector<piece> datagrams_;
    std::vector<std::byte> bytes_;  ///< payload of all datagrams, concatenated
};

}  // namespace quivive::dispatch
