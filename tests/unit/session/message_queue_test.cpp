#include "session/message_queue.hpp"

#include "support/allocated.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>

using namespace quivive;
using sessions::message_pool;
using sessions::message_queue;

namespace {

std::unique_ptr<sessions::message> make(message_pool& pool, const std::string& text)
{
    auto message = pool.take(text.size());
    REQUIRE(message);
    std::ranges::copy(wire::as_bytes(text), message->storage.begin());
    message->size = text.size();
    return message;
}

}  // namespace

TEST_CASE("message queue: messages leave in order, and the pool counts the memory of queued ones")
{
    auto pool = std::make_shared<message_pool>(1'000);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, "one"), 10, 100));
    const auto of_one = pool->queued_bytes();
    CHECK(of_one > 3);
    CHECK(queue.push(make(*pool, "three"), 10, 100));
    CHECK(pool->queued_bytes() == 2 * of_one + 2);
    CHECK(wire::as_text(queue.front().bytes()) == "one");
    pool->recycle(queue.pop());
    CHECK(wire::as_text(queue.front().bytes()) == "three");
    pool->recycle(queue.pop());
    CHECK(queue.empty());
    CHECK(pool->queued_bytes() == 0);
    CHECK(queue.push(make(*pool, "again"), 10, 100));
    CHECK(wire::as_text(queue.front().bytes()) == "again");
}

TEST_CASE("message queue: a queue is full by messages, by bytes, or by the memory of all queues together")
{
    auto pool = std::make_shared<message_pool>(400);
    message_queue one{pool};
    CHECK(one.push(make(*pool, "a"), 2, 100));
    CHECK(one.push(make(*pool, "b"), 2, 100));
    CHECK_FALSE(one.push(make(*pool, "c"), 2, 100));
    CHECK_FALSE(one.push(make(*pool, "cd"), 3, 3));
    CHECK(one.push(make(*pool, "c"), 3, 3));
    CHECK_FALSE(one.push(make(*pool, std::string(200, 'x')), 10, 1'000));
    one.clear();
    CHECK(pool->queued_bytes() == 0);
}

TEST_CASE("message queue: slow sessions that fill the pool leave every other session one message at a time")
{
    const std::string text(message_pool::always_taken, 'x');
    auto pool = std::make_shared<message_pool>(10 * text.size());
    message_queue slow{pool}, busy{pool}, other{pool};
    while (slow.push(make(*pool, text), 1'000, 1'000'000)) {
    }
    const auto full = pool->queued_bytes();
    for (int n = 0; n < 10; ++n) {
        CHECK(busy.push(make(*pool, text), 10, 100'000));
        CHECK_FALSE(busy.push(make(*pool, "more"), 10, 100'000));
        CHECK(other.push(make(*pool, "short"), 10, 100'000));
        pool->recycle(busy.pop());
        pool->recycle(other.pop());
    }
    CHECK_FALSE(busy.push(make(*pool, text + std::string(100, 'x')), 10, 100'000));
    CHECK(pool->queued_bytes() == full);

    // A session that has taken the rest of the pool cannot use the reserve.
    slow.clear();
    CHECK(busy.push(make(*pool, text), 10, 100'000));
    CHECK(busy.push(make(*pool, "more"), 10, 100'000));
}

TEST_CASE("message queue: queued memory is at most the pool's size and one message for each session")
{
    constexpr std::size_t sessions = 200, bytes = 100'000, of_each = 2'300;  // as limits.hpp says
    auto pool = std::make_shared<message_pool>(bytes);
    std::deque<message_queue> queues;
    for (std::size_t n = 0; n < sessions; ++n) queues.emplace_back(pool);
    const auto before = test::allocated();
    std::mt19937 random{3};
    for (int n = 0; n < 20'000; ++n) {
        const auto size = random() % 3 == 0 ? random() % 16'384 : random() % 3'000;
        pool->recycle(pool->take(size));  // a record that failed authentication
        auto message = pool->take(size + 25);
        REQUIRE(message);
        message->size = random() % 4 == 0 ? 1 : size;  // padding
        (void)queues[random() % sessions].push(std::move(message), 64, 131'072);
        REQUIRE(pool->queued_bytes() <= bytes + sessions * of_each);
    }
    CHECK(pool->queued_bytes() > bytes);
    if (!test::sanitized) {
        const auto spare = std::size_t{256} * 2'300 + 16 * 16'600;  // blocks that the pool reuses
        CHECK(test::allocated() - before < bytes + sessions * of_each + spare);
    }
}

TEST_CASE("message queue: an empty message is queued as a message")
{
    auto pool = std::make_shared<message_pool>(1'000);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, ""), 10, 100));
    CHECK_FALSE(queue.empty());
    CHECK(queue.front().bytes().empty());
}

TEST_CASE("message queue: storage is reused, and large storage is not used for a small message")
{
    auto pool = std::make_shared<message_pool>(100);
    auto message = make(*pool, "some bytes");
    const auto* storage = message->storage.data();
    pool->recycle(std::move(message));
    message = pool->take(4);
    CHECK(message->storage.data() == storage);
    CHECK(message->storage.size() >= 10);

    auto large = pool->take(10'000);
    storage = large->storage.data();
    pool->recycle(std::move(large));
    CHECK(pool->take(4)->storage.data() != storage);
    CHECK(pool->take(9'000)->storage.data() == storage);
}

TEST_CASE("message queue: the storage of a message is wiped when the pool takes it back")
{
    const std::string text(1'000, 'x');
    auto pool = std::make_shared<message_pool>(10'000);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, text), 10, 10'000));
    const auto* const memory = queue.front().storage.data();
    queue.clear();
    const auto again = pool->take(10);
    REQUIRE(again->storage.data() == memory);
    CHECK(std::ranges::all_of(again->storage, [](std::byte one) { return one == std::byte{0}; }));
}

TEST_CASE("message queue: a queue that has left the pool is no longer counted there and stays readable")
{
    auto pool = std::make_shared<message_pool>(1'000);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, "last words"), 10, 100));
    queue.detach_from_pool();
    CHECK(pool->queued_bytes() == 0);
    CHECK(wire::as_text(queue.front().bytes()) == "last words");
    queue.clear();
    CHECK(pool->queued_bytes() == 0);
}
