#include "session/message_queue.hpp"

#include "support/catch.hpp"

#include <algorithm>
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

TEST_CASE("message queue: first in, first out, and the pool counts what is queued")
{
    auto pool = std::make_shared<message_pool>(100);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, "one"), 10, 100));
    CHECK(queue.push(make(*pool, "three"), 10, 100));
    CHECK(pool->queued_bytes() == 8);
    CHECK(wire::as_text(queue.front().bytes()) == "one");
    pool->give_back(queue.pop());
    CHECK(wire::as_text(queue.front().bytes()) == "three");
    pool->give_back(queue.pop());
    CHECK(queue.empty());
    CHECK(pool->queued_bytes() == 0);
    CHECK(queue.push(make(*pool, "again"), 10, 100));
    CHECK(wire::as_text(queue.front().bytes()) == "again");
}

TEST_CASE("message queue: full by messages, by bytes, and by the bytes of all queues together")
{
    auto pool = std::make_shared<message_pool>(10);
    message_queue one{pool}, other{pool};
    CHECK(one.push(make(*pool, "a"), 2, 100));
    CHECK(one.push(make(*pool, "b"), 2, 100));
    CHECK_FALSE(one.push(make(*pool, "c"), 2, 100));
    CHECK_FALSE(one.push(make(*pool, "cd"), 3, 3));
    CHECK(one.push(make(*pool, "c"), 3, 3));
    CHECK_FALSE(other.push(make(*pool, "12345678"), 10, 100));
    CHECK(other.push(make(*pool, "1234567"), 10, 100));
    CHECK(pool->queued_bytes() == 10);
    one.clear();
    CHECK(pool->queued_bytes() == 7);
}

TEST_CASE("message queue: an empty message is a message")
{
    auto pool = std::make_shared<message_pool>(10);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, ""), 10, 100));
    CHECK_FALSE(queue.empty());
    CHECK(queue.front().bytes().empty());
}

TEST_CASE("message queue: storage is used again")
{
    auto pool = std::make_shared<message_pool>(100);
    auto message = make(*pool, "some bytes");
    const auto* storage = message->storage.data();
    pool->give_back(std::move(message));
    message = pool->take(4);
    CHECK(message->storage.data() == storage);
    CHECK(message->storage.size() >= 10);
}

TEST_CASE("message queue: what has left the pool no longer counts there, and stays readable")
{
    auto pool = std::make_shared<message_pool>(100);
    message_queue queue{pool};
    CHECK(queue.push(make(*pool, "last words"), 10, 100));
    queue.leave_pool();
    CHECK(pool->queued_bytes() == 0);
    CHECK(wire::as_text(queue.front().bytes()) == "last words");
    queue.clear();
    CHECK(pool->queued_bytes() == 0);
}
