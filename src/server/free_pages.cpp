#include "server/free_pages.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

namespace quivive::runtime {

namespace {

#if defined(__GLIBC__)
constexpr bool has_arenas = true;
#else
constexpr bool has_arenas = false;
#endif

/// malloc's own header and footer around a block, with a margin.
constexpr std::size_t overhead = 64;
/// Less than the size from which malloc maps each block separately (M_MMAP_THRESHOLD).
constexpr std::size_t largest = 131'072;
/// Limit of consecutive blocks without resident pages. After that many, malloc returns only memory that is
/// new to it or already given back.
constexpr unsigned max_unresident_blocks = 32;
/// In some virtual machines the kernel takes 30 us for a page.
constexpr std::size_t pages_a_step = 8;
/// Bytes to borrow in addition to the bytes that were freed, since malloc returns other free memory too, in
/// no order.
constexpr std::size_t margin = 67'108'864;

std::size_t page_size() noexcept
{
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

/// Returns how many bytes of a range of whole pages are resident.
std::size_t resident_bytes(std::byte* begin, std::size_t size) noexcept
{
    std::array<unsigned char, largest / 4'096> resident{};  // no page is smaller
    if (size == 0 || ::mincore(begin, size, resident.data()) != 0) return 0;
    const auto is_in = [](unsigned char page) { return (page & 1U) != 0; };
    return static_cast<std::size_t>(std::ranges::count_if(resident, is_in)) * page_size();
}

}  // namespace

void sort_freed_blocks() noexcept
{
    // Larger than the blocks that malloc caches by size, and a size that no other code here allocates.
    constexpr std::size_t of_no_other = 12'344;
    if (!has_arenas) return;
    auto* const memory = std::malloc(of_no_other);
    asm volatile("" : : "r"(memory) : "memory");  // otherwise the compiler may remove both calls
    std::free(memory);
}

free_pages::~free_pages()
{
    while (borrowed_) free_one();
}

void free_pages::begin(std::size_t bytes) noexcept
{
    if (!has_arenas) return;
    if (!in_progress()) returned_ = 0;
    left_ = std::max(left_, 2 * bytes + margin);
    size_ = largest;
    unresident_blocks_ = 0;
}

bool free_pages::run_slice(duration time) noexcept
{
    const auto end = clock::now() + time;
    while (in_progress() && clock::now() < end) {
        if (left_in_block_ > 0)
            return_pages();
        else if (size_ != 0)
            borrow();
        else
            free_one();
    }
    return in_progress();
}

void free_pages::borrow() noexcept
{
    if (left_ < size_) return next_size();
    const auto size = size_ - overhead;
    auto* const memory = std::malloc(size);
    if (!memory) return next_size();
    left_ -= size_;
    borrowed_ = new (memory) block{borrowed_};

    const auto page = page_size();
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const auto begin = (address + sizeof(block) + page - 1) / page * page;
    const auto end = std::max(begin, (address + size) / page * page);
    next_ = static_cast<std::byte*>(memory) + (begin - address);
    left_in_block_ = end - begin;
    if (resident_bytes(next_, left_in_block_) > 0) {
        unresident_blocks_ = 0;
        return;
    }
    left_in_block_ = 0;
    if (++unresident_blocks_ == max_unresident_blocks) next_size();
}

/// Gives back some pages of the block borrowed last.
void free_pages::return_pages() noexcept
{
    const auto size = std::min(left_in_block_, pages_a_step * page_size());
    const auto resident = resident_bytes(next_, size);
    if (resident > 0 && ::madvise(next_, size, MADV_DONTNEED) == 0) returned_ += resident;
    next_ += size;
    left_in_block_ -= size;
}

/// Reduces the block size by an eighth, so that little of a free block between two used ones is missed. The
/// smallest size is one that certainly contains a whole page.
void free_pages::next_size() noexcept
{
    unresident_blocks_ = 0;
    const auto next = size_ / 8 * 7;
    size_ = next >= 2 * page_size() ? next : 0;
}

void free_pages::free_one() noexcept
{
    auto* const next = borrowed_->next;
    std::free(borrowed_);
    borrowed_ = next;
}

}  // namespace quivive::runtime
