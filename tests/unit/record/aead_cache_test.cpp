#include "record/aead_cache.hpp"

#include "fake_aead.hpp"
#include "support/catch.hpp"

#include <array>

using namespace quivive;
using record::aead_cache;
using record::cipher;
using test::aead_calls;

namespace {

/// A direction of a session, as stored in the cache.
struct user {
    aead_cache::slot slot = aead_cache::nowhere;
    std::array<std::byte, 16> key{};

    record::aead* of(aead_cache& cache) { return cache.find(slot, this, cipher::aes_128_gcm, key); }
};

}  // namespace

TEST_CASE("AEAD cache: an active direction keeps its cipher, which is made once")
{
    auto& calls = aead_calls::begin();
    aead_cache cache{test::fake_aead::make, 4};
    user one, other;
    auto* const first = one.of(cache);
    REQUIRE(first != nullptr);
    CHECK(other.of(cache) != first);
    CHECK(one.of(cache) == first);
    CHECK(calls.made == 2);
}

TEST_CASE("AEAD cache: no more ciphers than slots exist, and the least recently used slot is reused")
{
    auto& calls = aead_calls::begin();
    aead_cache cache{test::fake_aead::make, 4};
    std::array<user, 10> users;
    for (auto& each : users) {
        REQUIRE(each.of(cache) != nullptr);
        REQUIRE(users[0].of(cache) != nullptr);  // active all the time
        CHECK(calls.alive <= 4);
    }
    CHECK(calls.made <= 12);
    const auto before = calls.made;
    REQUIRE(users[9].of(cache) != nullptr);
    CHECK(calls.made == before);
    REQUIRE(users[3].of(cache) != nullptr);
    CHECK(calls.made == before + 1);
}

TEST_CASE("AEAD cache: a returned cipher is destroyed and its slot is free")
{
    auto& calls = aead_calls::begin();
    aead_cache cache{test::fake_aead::make, 2};
    user one, other;
    (void)one.of(cache);
    (void)other.of(cache);
    cache.give_back(one.slot, &one);
    CHECK(calls.alive == 1);
    cache.give_back(one.slot, &one);    // returned again
    cache.give_back(other.slot, &one);  // the slot of another user
    cache.give_back(aead_cache::nowhere, &one);
    CHECK(calls.alive == 1);
    CHECK(one.of(cache) != nullptr);
    CHECK(calls.made == 3);
}

TEST_CASE("AEAD cache: when a cipher cannot be made the caller gets none and other slots are kept")
{
    auto& calls = aead_calls::begin();
    aead_cache cache{test::fake_aead::make, 1};
    user one, other;
    auto* const first = one.of(cache);
    calls.none_can_be_made = true;
    CHECK(other.of(cache) == nullptr);
    CHECK(one.of(cache) == first);
}
