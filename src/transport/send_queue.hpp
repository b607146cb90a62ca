#pragma once

#include "wire/bytes.hpp"
#include "wire/endpoint.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::transport {

/// A copy of a datagram that is to be sent. One of usual size needs no memory of its own.
class queued_datagram {
public:
    wire::endpoint local;
    wire::endpoint peer;

    void assign(wire::bytes datagram);
    [[nodiscard]] wire::bytes data() const noexcept;

private:
    std::size_t size_ = 0;
    std::array<std::byte, 2'048> usual_;
    std::vector<std::byte> large_;  ///< when `usual_` is too small; kept for the next large one
};

/// Datagrams in the order in which they came, in memory that is used again. It grows a block at a time, and
/// shrinks to a few blocks when it runs empty.
class send_queue {
public:
    explicit send_queue(std::size_t limit) noexcept : limit_{limit} {}

    /// False: full, or no memory.
    [[nodiscard]] bool push(const wire::path& path, wire::bytes datagram) noexcept;

    /// The n-th from the front.
    [[nodiscard]] const queued_datagram& operator[](std::size_t n) const noexcept;
    void pop(std::size_t count) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    static constexpr std::size_t block_size = 64;
    /// What one turn of a busy server may leave: eight batches of 32 answers.
    static constexpr std::size_t blocks_kept = 4;
    using block = std::array<queued_datagram, block_size>;

    std::size_t limit_;
    std::vector<std::unique_ptr<block>> blocks_;  ///< the one at the front comes first, spare ones last
    std::size_t first_ = 0;                       ///< the front datagram's place in the first block
    std::size_t size_ = 0;
};

}  // namespace quivive::transport
