// Memory that is free within malloc returns to the system although live blocks lie between it. Only where
// malloc is glibc's.
#include "server/free_pages.hpp"

#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/process_counts.hpp"

#include <cstring>
#include <memory>
#include <vector>

using namespace quivive;
using runtime::free_pages;

#if defined(__GLIBC__) && !defined(QUIVIVE_SANITIZED)

namespace {

constexpr std::size_t wave_size = 3'000, part_bytes = 2'048, parts = 10, kept_bytes = 1'000;
constexpr std::size_t all_bytes = wave_size * parts * part_bytes;

using blocks = std::vector<std::unique_ptr<char[]>>;

std::unique_ptr<char[]> filled_block(std::size_t size, char with)
{
    auto bytes = std::make_unique<char[]>(size);
    std::memset(bytes.get(), with, size);
    return bytes;
}

/// Memory like that of 3000 half-open handshakes of 20 kB, with sessions between them that stay.
struct handshakes_wave {
    blocks handshakes, sessions;

    handshakes_wave()
    {
        for (std::size_t i = 0; i < wave_size; ++i) {
            for (std::size_t k = 0; k < parts; ++k) handshakes.push_back(filled_block(part_bytes, 'h'));
            sessions.push_back(filled_block(kept_bytes, 's'));
        }
    }

    [[nodiscard]] bool sessions_are_whole() const
    {
        for (const auto& one : sessions)
            for (std::size_t i = 0; i < kept_bytes; ++i)
                if (one[i] != 's') return false;
        return true;
    }
};

void give_all_back(free_pages& freed)
{
    for (int slices = 0; slices < 100'000 && freed.run_slice(std::chrono::microseconds{100}); ++slices) {
    }
    CHECK_FALSE(freed.in_progress());
}

}  // namespace

TEST_CASE(
    "free pages: free memory between live blocks returns to the system and the blocks keep their content")
{
    handshakes_wave after;
    const auto height = test::resident_bytes();
    after.handshakes.clear();
    REQUIRE(test::resident_bytes() > height - all_bytes / 4);  // malloc keeps it

    const auto allocated = test::allocated();
    free_pages freed;
    freed.begin(all_bytes);
    CHECK(freed.in_progress());
    give_all_back(freed);
    CHECK(freed.returned_bytes() > all_bytes / 10 * 7);
    CHECK(test::resident_bytes() < height - all_bytes / 10 * 6);
    CHECK(test::allocated() < allocated + 65'536);  // borrowed blocks are free again
    CHECK(after.sessions_are_whole());

    // Repeats the steps after another wave in the same place.
    for (std::size_t i = 0; i < wave_size * parts; ++i)
        after.handshakes.push_back(filled_block(part_bytes, 'h'));
    after.handshakes.clear();
    freed.begin(all_bytes);
    give_all_back(freed);
    CHECK(test::resident_bytes() < height - all_bytes / 10 * 6);
    CHECK(after.sessions_are_whole());
}

TEST_CASE("free pages: a run destroyed halfway frees the blocks it borrowed")
{
    handshakes_wave after;
    after.handshakes.clear();
    const auto allocated = test::allocated();
    {
        free_pages freed;
        freed.begin(all_bytes);
        CHECK(freed.run_slice(std::chrono::microseconds{1}));
        CHECK(test::allocated() > allocated);
    }
    CHECK(test::allocated() < allocated + 65'536);
}

#endif

TEST_CASE("free pages: a run without free memory ends at once")
{
    free_pages freed;
    CHECK_FALSE(freed.in_progress());
    CHECK_FALSE(freed.run_slice(std::chrono::milliseconds{1}));
    freed.begin(0);
    for (int slices = 0; slices < 100'000 && freed.run_slice(std::chrono::milliseconds{1}); ++slices) {
    }
    CHECK_FALSE(freed.in_progress());
}
