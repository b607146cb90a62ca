#pragma once

#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::transport {

/// Copy of a datagram to be sent. Up to 2048 bytes are stored in place, without an allocation.
class queued_datagram {
public:
    wire::endpoint local;
    wire::endpoint peer;

    void assign(wire::bytes datagram);
    [[nodiscard]] wire::bytes data() const noexcept;

private:
    std::size_t size_ = 0;
    std::array<std::byte, 2'048> usual_;
    std::vector<std::byte> large_;  ///< used when `usual_` is too small; kept for the next large datagram
};

/// FIFO queue of datagrams in reused memory. Grows by blocks, and shrinks to a few blocks when it becomes
/// empty.
class send_queue {
public:
    explicit send_queue(std::size_t limit) noexcept : limit_{limit} {}

    /// Appends a copy. Returns false when the queue is full or out of memory.
    [[nodiscard]] bool push(const wire::path& path, wire::bytes datagram) noexcept;

    /// Returns the n-th datagram from the front.
    [[nodiscard]] const queued_datagram& operator[](std::size_t n) const noexcept;
    void pop(std::size_t count) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    static constexpr std::size_t block_size = 64;
    /// Sized for the datagrams that one turn of a busy server may queue: eight batches of 32 responses.
    static constexpr std::size_t blocks_kept = 4;
    using block = std::array<queued_datagram, block_size>;

    std::size_t limit_;
    std::vector<std::unique_ptr<block>> blocks_;  ///< the front block first, spare blocks last
    std::size_t first_ = 0;                       ///< index of the front datagram in the first block
    std::size_t size_ = 0;
};

}  // namespace quivive::transport
