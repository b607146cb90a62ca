#pragma once

#include "wire/time.hpp"

#include <chrono>
#include <cstddef>

namespace quivive::runtime {

/// Maximum time for one slice of trimming, during which the thread does not serve peers.
inline constexpr std::chrono::microseconds slice_of_trim{500};

/// Makes malloc sort the blocks that were freed up to now. Otherwise malloc defers this work to a later call
/// and then does all of it at once. It takes 0.4 us a block, so some ms after thousands of handshakes have
/// ended. Does nothing where malloc is not glibc's.
void sort_freed_blocks() noexcept;

/// Gives free pages of malloc back to the system in small steps, on the calling thread: each thread has its
/// own arena.
///
/// malloc_trim does all of it at once and holds the arena's lock for the whole time. That takes 10 ms for 80
/// MB, and 400 ms in some virtual machines. The threads of that arena cannot allocate during that time. This
/// class works in three steps:
///
/// - It borrows free blocks from malloc, the largest first.
/// - It gives back the resident pages of these blocks, eight at a time (MADV_DONTNEED).
/// - At the end it frees all blocks.
///
/// Does nothing where malloc is not glibc's.
class free_pages {
public:
    free_pages() = default;
    ~free_pages();
    free_pages(const free_pages&) = delete;
    free_pages& operator=(const free_pages&) = delete;

    /// Starts to look for about `bytes` that were freed. Extends a search in progress.
    void begin(std::size_t bytes) noexcept;
    [[nodiscard]] bool in_progress() const noexcept { return size_ != 0 || borrowed_ != nullptr; }

    /// Continues for about `time`. Returns whether there is more to do.
    bool run_slice(duration time) noexcept;

    /// Returns the bytes given back since `begin`.
    [[nodiscard]] std::size_t returned_bytes() const noexcept { return returned_; }

private:
    /// Stored at the beginning of each borrowed block.
    struct block {
        block* next;
    };

    void borrow() noexcept;
    void return_pages() noexcept;
    void next_size() noexcept;
    void free_one() noexcept;

    block* borrowed_ = nullptr;
    std::byte* next_ = nullptr;       ///< next page of the block borrowed last
    std::size_t left_in_block_ = 0;   ///< bytes from `next_` to the end of its pages
    std::size_t size_ = 0;            ///< size of the blocks borrowed now; 0: no further ones
    unsigned unresident_blocks_ = 0;  ///< consecutive blocks without resident pages
    std::size_t left_ = 0;            ///< bytes that may still be borrowed
    std::size_t returned_ = 0;
};

}  // namespace quivive::runtime
