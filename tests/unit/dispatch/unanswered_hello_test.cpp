// Hellos that an adaptive network admits and their handshake does not answer at once. Each hello is kept
// until it is answered or challenged, whatever arrives next, and costs no other peer anything.
#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "support/late_workers.hpp"

#include <array>
#include <random>
#include <utility>

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;

namespace {

/// The gate admits the hello because its ticket might resume a session with a short flight. The server did
/// not issue the ticket.
octets hello_with_ticket(unsigned random = 0x40)
{
    return make_hello(0, make_extension(35, counting(64)), random);
}

/// Returns the same record with `more` appended to its payload.
octets followed_by(const octets& hello, const octets& more)
{
    const octets payload{hello.begin() + wire::record_header_size, hello.end()};
    return make_record(wire::content_type::handshake, payload + more, 0, 0, wire::dtls_1_0);
}

/// Splits the message of the hello after its first `size` bytes.
std::pair<octets, octets> cut(const octets& hello, std::size_t size)
{
    constexpr auto headers = wire::record_header_size + 12;
    const octets header{hello.begin() + wire::record_header_size, hello.begin() + headers};
    const octets body{hello.begin() + headers, hello.end()};
    const auto part = [&](std::size_t from, std::size_t to) {
        auto payload = header;
        const auto write = [&](std::size_t at, std::size_t value) {
            for (int i = 2; i >= 0; --i, value >>= 8)
                payload[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value & 0xff);
        };
        write(6, from);
        write(9, to - from);
        payload.insert(payload.end(), body.begin() + static_cast<std::ptrdiff_t>(from),
                       body.begin() + static_cast<std::ptrdiff_t>(to));
        return make_record(wire::content_type::handshake, payload, 0, from, wire::dtls_1_0);
    };
    return {part(0, size), part(size, body.size())};
}

octets nine_empty_messages()
{
    octets all;
    for (int i = 0; i < 9; ++i) all = std::move(all) + octets(12);
    return all;
}

}  // namespace

TEST_CASE("Unanswered hellos: a record with data after its hello is dropped as malformed_client_hello")
{
    const auto more = GENERATE(octets(1), octets(11), nine_empty_messages());
    world around{{}, adaptive(), long_chain_server()};
    const auto hello = hello_with_ticket();
    const auto path = world::path_of(1, 1'000);
    CHECK(around.route(path, followed_by(hello, more)).reason == drop_reason::malformed_client_hello);
    CHECK(around.server->size() == 0);
    CHECK(around.route(path, hello).disposition == disposition::answered);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(around.outgoing.front().second.size() < hello.size());
    CHECK(around.server->size() == 0);
    CHECK(around.counted().balanced());
}

TEST_CASE("Unanswered hellos: too long a flight becomes a challenge, however two datagrams carry the hello")
{
    const bool offered = GENERATE(false, true), elsewhere = GENERATE(false, true);
    const auto hello = hello_with_ticket();
    const auto [first, rest] = cut(hello, 60);
    const auto broken = followed_by(hello, octets(1));
    for (const auto& beginning : {first, hello, broken, first + first, hello + hello})
        for (const auto& next : {rest, hello, hello + hello, first + rest, hello_with_ticket(1) + hello}) {
            CAPTURE(beginning.size(), next.size());
            late_workers workers;
            workers.has_memory = false;  // each step runs at once and is returned
            world around{{},
                         adaptive(),
                         long_chain_server(),
                         any_client_context(),
                         nullptr,
                         elsewhere ? &workers : nullptr};
            const auto path = world::path_of(1, 1'000);
            if (offered) around.listener.answer = dispatch::admission_action::offer;
            (void)around.route(path, beginning);
            if (!around.listener.offers.empty())
                (void)around.server->accept(*around.listener.offers.front(), around.now, around);
            around.listener.answer = dispatch::admission_action::accept;
            (void)around.route(path, next);
            CHECK(bytes_sent(around) <= 3 * (beginning.size() + next.size()));
            const bool is_whole = beginning != broken || next != rest;
            CHECK(around.outgoing.empty() != is_whole);
            around.pass(60s);
            CHECK(around.server->size() == 0);
            CHECK(around.counted().half_open == 0);
            CHECK(around.counted().balanced());
        }
}

TEST_CASE("Unanswered hellos: thousands of pairs of broken hellos with one random leave no state")
{
    world around{{}, adaptive(), long_chain_server()};
    std::mt19937 random{9'000};
    const auto below = [&](std::size_t end) { return random() % end; };
    const auto hello = hello_with_ticket();
    const auto some_hello = [&] {
        const auto [first, rest] = cut(hello, 1 + below(hello.size() - 26));
        auto datagram =
            std::array{hello, first, rest, first + rest, followed_by(hello, octets(below(30)))}[below(5)];
        for (auto changes = below(3); changes > 0; --changes)
            datagram[below(datagram.size())] = static_cast<std::byte>(random());
        return datagram;
    };
    for (int i = 0; i < 3'000; ++i) {
        const auto path = world::path_of(1 + static_cast<unsigned>(below(3)), 1'000);
        for (int both = 0; both < 2; ++both) (void)around.route(path, some_hello());
        if (below(4) == 0) around.pass(100ms);
        around.outgoing.clear();
    }
    CHECK(around.counted().balanced());
    around.pass(60s);
    CHECK(around.server->size() == 0);
    CHECK(around.counted().half_open == 0);
}

#endif
