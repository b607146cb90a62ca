#pragma once

#include "wire/bytes.hpp"
#include "wire/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace quivive::tls {

/// A reassembled handshake message, passed on in as few fragments as possible.
class whole_message {
public:
    /// `room_and_body` has `wire::handshake_header_size` bytes of any content, then the body.
    whole_message(wire::handshake_type type, std::uint16_t message_seq,
                  std::vector<std::byte> room_and_body) noexcept;

    /// Returns the message as one fragment, header first. Precondition: `next_fragment` was not called.
    [[nodiscard]] wire::bytes as_one_fragment() const noexcept { return bytes_; }

    [[nodiscard]] bool done() const noexcept { return done_; }
    /// Returns the next fragment of at most `most` bytes, header included; `most` must exceed the header. The
    /// bytes are valid until the next call. Precondition: not `done()`.
    [[nodiscard]] wire::bytes next_fragment(std::size_t most) noexcept;

private:
    [[nodiscard]] std::size_t length() const noexcept { return bytes_.size() - wire::handshake_header_size; }
    /// Writes the header of a fragment over the end of the previous fragment, which has been passed on.
    void write_header(std::size_t offset, std::size_t size) noexcept;

    wire::handshake_type type_;
    std::uint16_t seq_;
    std::vector<std::byte> bytes_;
    std::size_t offset_ = 0;  ///< offset of the remaining bytes
    bool done_ = false;
};

}  // namespace quivive::tls
