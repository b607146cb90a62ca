#include "quivive/credentials.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

using namespace quivive;

namespace {

using bytes_of_four = std::array<std::byte, 4>;

const void* watched = nullptr;  // the contents of this memory are recorded when it is freed
bytes_of_four seen_when_freed{std::byte{9}};

void note_and_free(void* memory) noexcept
{
    if (memory != nullptr && memory == watched) {
        std::memcpy(seen_when_freed.data(), memory, seen_when_freed.size());
        watched = nullptr;
    }
    std::free(memory);
}

std::vector<std::byte> bytes(std::initializer_list<int> values)
{
    std::vector<std::byte> result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size)
{
    if (void* memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { note_and_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { note_and_free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { note_and_free(memory); }

TEST_CASE("A secret is parsed from pairs of hex digits in either case")
{
    const auto read = secret::from_hex("00fFaB10");
    REQUIRE(read);
    CHECK(read->bytes() == bytes({0x00, 0xff, 0xab, 0x10}));
}

TEST_CASE("Text other than pairs of hex digits is not a secret")
{
    const std::string wrong =
        GENERATE("", "0", "000", "0g", "g0", " 00", "00 ", "0x00", "-1", "00:11", "0\n");
    CAPTURE(wrong);
    CHECK(!secret::from_hex(wrong));
    CHECK(!secret::from_hex(std::string{"00\0a", 4}));
}

TEST_CASE("A secret is wiped before its memory is freed")
{
    auto key = std::make_unique<secret>(bytes({1, 2, 3, 4}));
    const secret copy = *key;
    watched = key->bytes().data();
    key.reset();
    CHECK(watched == nullptr);  // the memory was freed
    CHECK(seen_when_freed == bytes_of_four{});
    CHECK(copy.bytes() == bytes({1, 2, 3, 4}));  // a copy has its own bytes
}

TEST_CASE("A secret is empty after it was moved from")
{
    secret first{bytes({1, 2, 3})};
    const secret second{std::move(first)};
    CHECK(second.bytes() == bytes({1, 2, 3}));
    CHECK(first.bytes().empty());  // NOLINT: tests the state after a move
}
