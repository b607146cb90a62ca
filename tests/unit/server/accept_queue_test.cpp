// Attempts that wait to be accepted: which of them displaces another, and in which order they are accepted.
#include "support/conversation.hpp"
#include "support/hello_builder.hpp"
#include "support/raw_udp.hpp"

#include <future>
#include <memory>
#include <string_view>
#include <utility>

// Unvalidated hellos are admitted where both cookie policies are compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace std::chrono_literals;
using test::eventually;

namespace {

server_config door_config(cookie_exchange exchange)
{
    auto config = test::loopback_config();
    config.credentials.self_signed_if_none = false;
    config.credentials.psk = [](std::string_view) {
        return secret::from_hex("00112233445566778899aabbccddeeff");
    };
    config.cookies.exchange = exchange;
    config.cookies.trust_all_networks = exchange == cookie_exchange::never;
    config.limits.max_unaccepted = 2;
    return config;
}

/// A server on a thread of its own, whose attempts are not accepted yet. It reads from the first accept on.
struct waiting_room {
    explicit waiting_room(cookie_exchange exchange) : served{door_config(exchange)}
    {
        auto first = ask();
        guest at_the_door{*this};
        exchange == cookie_exchange::always ? at_the_door.prove(9) : at_the_door.knock(9);
        auto got = take(first);
        got.ignore();
        REQUIRE(eventually([&] { return served.metrics().associations == 0; }));
    }

    [[nodiscard]] std::future<attempt> ask()
    {
        auto promise = std::make_shared<std::promise<attempt>>();
        auto future = promise->get_future();
        served.async_accept(
            [promise](error_code, attempt attempt) { promise->set_value(std::move(attempt)); });
        return future;
    }
    attempt take(std::future<attempt>& from)
    {
        REQUIRE(from.wait_for(20s) == std::future_status::ready);
        return from.get();
    }
    attempt next()
    {
        auto future = ask();
        return take(future);
    }

    /// A client that sends hellos from its own port.
    struct guest {
        explicit guest(waiting_room& to) : room{to}
        {
            hello.suites = test::make_octets({0x00, 0xa8});  // TLS_PSK_WITH_AES_128_GCM_SHA256
        }
        void knock(unsigned random)
        {
            hello.random = test::counting(32, random);
            hello.cookie.clear();
            hello.message_seq = 0;
            send();
        }
        /// Sends a hello, waits for the cookie and repeats the hello with the cookie.
        void prove(unsigned random)
        {
            knock(random);
            const auto answer = socket.receive();
            REQUIRE(answer);
            REQUIRE(answer->size() > 16);
            REQUIRE(std::to_integer<int>(answer->at(13)) == 3);  // HelloVerifyRequest
            hello.cookie = {answer->end() - 16, answer->end()};
            hello.message_seq = 1;
            send();
        }
        void send() { socket.send(room.served.local_endpoints().front(), hello.record()); }

        waiting_room& room;
        test::raw_udp socket;
        test::hello_builder hello;
    };

    server served;
};

using guest = waiting_room::guest;

}  // namespace

TEST_CASE("queued attempts: a validated one displaces an unvalidated one and is accepted first")
{
    waiting_room room{cookie_exchange::adaptive};
    guest one{room}, two{room}, three{room};
    one.knock(1);
    REQUIRE(eventually([&] { return room.served.metrics().associations == 1; }));
    two.knock(2);
    REQUIRE(eventually([&] { return room.served.metrics().associations == 2; }));
    three.prove(3);
    REQUIRE(eventually([&] { return room.served.metrics().handshakes_displaced == 1; }));

    const auto first = room.next(), second = room.next();
    CHECK(first.cookie_proven());
    CHECK(first.peer() == three.socket.local());
    CHECK_FALSE(second.cookie_proven());
    CHECK(second.peer() == two.socket.local());
    CHECK(room.served.metrics().dropped[drop_reason::accept_queue_full] == 0);
    CHECK(test::comes_to_balance(room.served));
}

TEST_CASE("queued attempts: a queue of validated ones is full for other clients")
{
    waiting_room room{cookie_exchange::always};
    guest one{room}, two{room}, three{room};
    one.prove(1);
    two.prove(2);
    REQUIRE(eventually([&] { return room.served.metrics().associations == 2; }));
    three.prove(3);
    CHECK(eventually([&] { return room.served.metrics().dropped[drop_reason::accept_queue_full] == 1; }));
    CHECK(room.served.metrics().associations == 2);
}

TEST_CASE("queued attempts: of a client that restarts only the last attempt is accepted")
{
    waiting_room room{cookie_exchange::never};
    guest restless{room}, other{room};
    for (unsigned i = 1; i <= 5; ++i) restless.knock(i);
    REQUIRE(eventually([&] { return room.served.metrics().handshakes_displaced == 4; }));
    other.knock(9);  // there is capacity for this client
    REQUIRE(eventually([&] { return room.served.metrics().associations == 2; }));

    auto one = room.next(), two = room.next();
    CHECK(one.peer() == restless.socket.local());
    CHECK(two.peer() == other.socket.local());
    std::promise<error_code> begun;
    one.async_accept([&](error_code why, session) { begun.set_value(why); });
    REQUIRE(restless.socket.receive());  // the answer to its last hello
    CHECK(room.served.metrics().handshakes_started == 1);
    room.served.stop();
    REQUIRE(begun.get_future().wait_for(20s) == std::future_status::ready);
}

TEST_CASE("queued attempts: accepting an attempt whose client has restarted reports displaced")
{
    waiting_room room{cookie_exchange::never};
    guest restless{room};
    restless.knock(1);
    auto held = room.next();
    const bool begun = GENERATE(false, true);
    std::promise<std::pair<error_code, session>> told;
    const auto accept = [&] {
        held.async_accept([&](error_code why, session none) { told.set_value({why, std::move(none)}); });
    };
    if (begun) {
        accept();
        REQUIRE(restless.socket.receive());
    }
    restless.knock(2);
    auto again = room.next();
    CHECK(again.peer() == restless.socket.local());
    if (!begun) accept();
    auto future = told.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    const auto [why, none] = future.get();
    CHECK(why == make_error_code(errc::displaced));
    CHECK_FALSE(none.is_open());
    again.ignore();
    CHECK(test::comes_to_balance(room.served));
}

#endif
