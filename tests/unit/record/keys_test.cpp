#include "record/keys.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"

#include <algorithm>
#include <memory>
#include <new>

using namespace quivive;

TEST_CASE("direction_keys: the destructor wipes the key and the IV")
{
    alignas(record::direction_keys) std::array<std::byte, sizeof(record::direction_keys)> memory{};
    const auto key = test::counting(32, 0x80), iv = test::counting(12, 0xf0);
    auto* const keys = new (memory.data()) record::direction_keys{key, iv};
    const auto holds = [&](const auto& what) { return !std::ranges::search(memory, what).empty(); };
    REQUIRE(holds(key));
    REQUIRE(holds(iv));
    std::destroy_at(keys);
    CHECK(std::ranges::all_of(memory, [](std::byte b) { return b == std::byte{0}; }));
}
