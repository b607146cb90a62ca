#include "support/nonces/table.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace quivive::test {

namespace {

constexpr std::size_t places = std::size_t{1} << 22;

[[noreturn]] void abort(const char* why)
{
    std::perror(why);
    std::_Exit(3);
}

/// The mixing function of splitmix64.
std::uint64_t mix(std::uint64_t x) noexcept
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

}  // namespace

/// A set of 64-bit digests. Two are equal by chance once in 10^7 runs of a million pairs. Starts as zeros;
/// other processes use it at the same time.
struct nonce_table::content {
    std::atomic<std::uint64_t> pairs, twice, reframed;
    std::atomic<std::uint64_t> seen[places];
};

nonce_table& nonce_table::of_process()
{
    static nonce_table table{std::getenv("QUIVIVE_NONCES")};
    return table;
}

nonce_table::nonce_table(const char* file)
{
    const int opened =
        file ? ::open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : ::memfd_create("nonces", MFD_CLOEXEC);
    if (opened < 0) abort("the file of QUIVIVE_NONCES");
    if (::ftruncate(opened, sizeof(content)) != 0) abort("ftruncate");
    void* const memory = ::mmap(nullptr, sizeof(content), PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
    if (memory == MAP_FAILED) abort("mmap");
    ::close(opened);
    shared_ = static_cast<content*>(memory);
}

void nonce_table::note(std::uint64_t key, const std::byte* nonce, std::size_t size) noexcept
{
    const auto pair = digest(nonce, size, key) | 1;  // zero marks an empty place
    for (auto at = pair >> 8;; ++at) {
        auto& place = shared_->seen[at % places];
        auto found = place.load();
        if (found == 0 && place.compare_exchange_strong(found, pair)) break;
        if (found == pair) {
            ++shared_->twice;
            return;
        }
    }
    if (++shared_->pairs > places / 2) abort("the table of nonces is full");
}

void nonce_table::note_reframed() noexcept { ++shared_->reframed; }

nonce_counts nonce_table::counted() const noexcept
{
    return {shared_->pairs.load(), shared_->twice.load(), shared_->reframed.load()};
}

void nonce_table::forget() noexcept
{
    if (::madvise(shared_, sizeof(content), MADV_REMOVE) != 0) abort("madvise");
}

std::uint64_t nonce_table::digest(const std::byte* bytes, std::size_t size, std::uint64_t seed) noexcept
{
    auto sum = mix(seed + size);
    for (std::size_t i = 0; i < size; ++i)
        sum = mix(sum + 0x9e3779b97f4a7c15ULL + std::to_integer<std::uint64_t>(bytes[i]));
    return sum;
}

}  // namespace quivive::test
