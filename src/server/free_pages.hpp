#pragma once

#include "wire/time.hpp"

#include <chrono>
#include <cstddef>

namespace quivive::detail {

/// How long what serves peers may be kept from it.
inline constexpr std::chrono::microseconds slice_of_trim{500};

/// malloc puts the blocks that were freed in order at a later call, all at one go: 0.4 us for each, and so
/// some ms once thousands of handshakes have ended. This has it done for those that were freed up to now.
/// Does nothing where malloc is not glibc's.
void sort_freed_blocks() noexcept;

/// Gives pages that are free within malloc back to the system, a little at a time, on the thread that calls:
/// each thread has an arena of its own.
///
/// malloc_trim does so at one go, and holds the arena's lock meanwhile: 10 ms for 80 MB, in some virtual
/// machines 400, in which the threads of that arena get no memory. Here free blocks are borrowed from malloc,
/// the largest first; those with pages in memory give them back (MADV_DONTNEED), eight at a time; and in the
/// end all blocks are freed. Does nothing where malloc is not glibc's.
class free_pages {
public:
    free_pages() = default;
    ~free_pages();
    free_pages(const free_pages&) = delete;
    free_pages& operator=(const free_pages&) = delete;

    /// Looks for about `bytes` that were freed. While it is under way already, for as much more.
    void begin(std::size_t bytes) noexcept;
    [[nodiscard]] bool under_way() const noexcept { return size_ != 0 || borrowed_ != nullptr; }

    /// Goes on for about `time`. Whether there is more to do.
    bool go_on(duration time) noexcept;

    /// Given back since `begin`.
    [[nodiscard]] std::size_t returned_bytes() const noexcept { return returned_; }

private:
    /// At the beginning of each block borrowed.
    struct block {
        block* next;
    };

    void borrow() noexcept;
    void give_back() noexcept;
    void next_size() noexcept;
    void free_one() noexcept;

    block* borrowed_ = nullptr;
    std::byte* next_ = nullptr;      ///< of the pages of the block borrowed last
    std::size_t left_in_block_ = 0;  ///< bytes of these
    std::size_t size_ = 0;           ///< of the blocks that are borrowed now; 0: none any more
    unsigned in_vain_ = 0;           ///< blocks in a row that had nothing to give back
    std::size_t left_ = 0;           ///< bytes that may still be borrowed
    std::size_t returned_ = 0;
};

}  // namespace quivive::detail
