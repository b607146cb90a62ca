// ClientHellos in several datagrams, as browsers send them (RFC 6347 4.2.3).
#include "adaptive_world.hpp"
#include "support/browser_hello.hpp"
#include "support/catch.hpp"
#include "support/late_workers.hpp"
#include "talkative_client.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;

namespace {

octets chromium(std::size_t fragment) { return from_hex(hello_of_chromium_156.at(fragment)); }

/// `make_hello` in two fragments. The ticket might have resumed a session with a short flight.
struct split_hello {
    explicit split_hello(std::size_t at = 80)
    {
        hello_builder builder;
        builder.suites = make_octets({0xc0, 0x2b});
        builder.extensions = make_extension(10, make_octets({0, 2, 0, 23})) +
                             make_extension(13, make_octets({0, 2, 4, 3})) + make_extension(35, counting(64));
        first = builder.fragment(0, at);
        builder.record_sequence = 1;
        second = builder.fragment(at, 10'000);
    }
    octets first, second;
};

}  // namespace

TEST_CASE("rest_of_challenged_hello counts the second fragment of a challenged hello")
{
    world around;
    for (std::size_t i = 0; i < 2; ++i) (void)around.route(world::path_of(1, 1), chromium(i));
    const auto counted = around.counted();
    CHECK(counted.dropped[drop_reason::hello_fragment] == 0);
#if !defined(QUIVIVE_COOKIES_NEVER)
    CHECK(counted.answered == 1);
    CHECK(counted.dropped[drop_reason::rest_of_challenged_hello] == 1);
    CHECK(counted.dropped.total() == 1);
#else
    CHECK(counted.dropped.total() == 0);
#endif
    CHECK(counted.balanced());
}

TEST_CASE("A fragmented hello is admitted under each cookie policy, without discards or retransmissions")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy, any_server_context(), talkative_client()};
        around.settings.handshake_mtu = 300;
        auto& client = around.connect();
        CHECK(client.connected());
        CHECK(around.echoes(client));
        const auto counted = around.counted();
        const bool always = policy.exchange == cookie_exchange::always;
        CHECK(counted.answered == (always ? 1 : 0));
        CHECK(counted.dropped.total() == counted.dropped[drop_reason::rest_of_challenged_hello]);
        CHECK((counted.dropped.total() > 0) == always);
        CHECK(counted.discarded.total() == 0);
        CHECK(counted.handshakes_started == 1);
        CHECK(counted.flights_repeated == 0);
        CHECK(counted.balanced());
    }
}

#if !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("RFC 6347 4.2.8: a fragmented hello from a session's address is challenged and its rest is dropped")
{
    world around;
    auto& client = around.connect();
    CHECK(around.route(client.path(), chromium(0)).disposition == disposition::answered);
    CHECK(around.route(client.path(), chromium(1)).reason == drop_reason::rest_of_challenged_hello);
    CHECK(around.counted().discarded[drop_reason::plaintext_on_session] == 0);
    CHECK(around.echoes(client));
}

#endif

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE(
    "Adaptive policy: a browser's hello in two fragments is large enough for a P-256 certificate's flight")
{
    world around{{}, adaptive()};
    CHECK(around.route(world::path_of(1, 1), chromium(0)).disposition == disposition::delivered);
    CHECK(around.outgoing.empty());
    CHECK(around.signatures == 0);
    CHECK(around.route(world::path_of(1, 1), chromium(1)).disposition == disposition::delivered);
    CHECK(around.signatures == 1);
    CHECK(bytes_sent(around) > 500);
    CHECK(around.counted().answered == 0);
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.counted().admitted_unproven == 1);
    // The amplification limit counts both fragments. It allows five more such flights, without repeats of the
    // client.
    const auto flight = bytes_sent(around);
    around.pass(limits{}.unproven_timeout);
    CHECK(bytes_sent(around) <= 3 * (chromium(0).size() + chromium(1).size()));
    CHECK(bytes_sent(around) > flight);
}

TEST_CASE("Adaptive policy: a lost or repeated first fragment costs the server no signature")
{
    world around{{}, adaptive()};
    const auto path = world::path_of(1, 1);
    CHECK(around.route(path, chromium(1)).reason == drop_reason::rest_of_challenged_hello);
    for (int i = 0; i < 3; ++i) CHECK(around.route(path, chromium(0)).disposition == disposition::delivered);
    CHECK(around.outgoing.empty());
    CHECK(around.counted().half_open == 1);
    CHECK(around.route(path, chromium(1)).disposition == disposition::delivered);
    CHECK(around.signatures == 1);
    CHECK(around.counted().balanced());
}

TEST_CASE("Adaptive policy: a fragmented hello with too long a flight is challenged once it is complete")
{
    const split_hello hello;
    world around{{}, adaptive()};
    const auto path = world::path_of(1, 1);
    CHECK(around.route(path, hello.first).disposition == disposition::delivered);
    CHECK(around.outgoing.empty());
    CHECK(around.route(path, hello.second).disposition == disposition::answered);
    REQUIRE(around.outgoing.size() == 1);
    const auto& challenge = around.outgoing.front().second;
    CHECK(challenge.size() < hello.first.size());
    CHECK(around.server->size() == 0);
    CHECK(around.listener.ends.empty());
    CHECK(around.counted().handshakes_started == 0);
    CHECK(around.counted().balanced());

    // The cookie is valid for the hello that it was made for.
    hello_builder again;
    again.suites = make_octets({0xc0, 0x2b});
    again.cookie = {challenge.end() - 16, challenge.end()};
    CHECK(around.route(path, again.fragment(0, 80)).disposition == disposition::delivered);
    CHECK(around.listener.last_proven);
}

TEST_CASE("Adaptive policy: unproven_timeout removes a handshake with only the first fragment of its hello")
{
    world around{{}, adaptive()};
    for (unsigned i = 0; i < 20; ++i)
        CHECK(around.route(world::path_of(i, 1), chromium(0)).disposition == disposition::delivered);
    CHECK(around.counted().half_open == 20);
    around.pass(limits{}.unproven_timeout);
    CHECK(around.outgoing.empty());
    CHECK(around.server->size() == 0);
    CHECK(around.counted().handshakes_timed_out == 20);
}

TEST_CASE("Adaptive policy under high load: a fragmented hello is challenged at its first fragment")
{
    world around{{}, adaptive({.hellos_per_second_high = 2, .hellos_per_second_low = 1})};
    for (unsigned i = 10; i < 12; ++i) (void)around.route(world::path_of(i, 1), make_hello());
    REQUIRE(around.counted().load_high == 1);
    CHECK(around.route(world::path_of(1, 1), chromium(0)).disposition == disposition::answered);
    CHECK(around.route(world::path_of(1, 1), chromium(1)).reason == drop_reason::rest_of_challenged_hello);
}

TEST_CASE("Adaptive policy: the limit of a flight made on another thread counts all fragments of the hello")
{
    late_workers workers;
    const auto path = world::path_of(1, 1);
    SECTION("the flight is within the limit")
    {
        world around{{}, adaptive(), any_server_context(), any_client_context(), nullptr, &workers};
        CHECK(around.route(path, chromium(0)).disposition == disposition::delivered);
        CHECK(workers.steps.empty());  // the fragment completes no message
        CHECK(around.route(path, chromium(1)).disposition == disposition::delivered);
        CHECK(workers.steps.size() == 1);
        workers.settle(around);
        CHECK(around.signatures == 1);
        CHECK(around.counted().answered == 0);
        CHECK(around.counted().handshakes_started == 1);
        CHECK(around.counted().half_open == 1);
        CHECK(around.counted().balanced());
    }
    SECTION("the flight is above the limit")
    {
        const split_hello hello;
        world around{{}, adaptive(), any_server_context(), any_client_context(), nullptr, &workers};
        CHECK(around.route(path, hello.first).disposition == disposition::delivered);
        CHECK(around.route(path, hello.second).disposition == disposition::delivered);
        while (!workers.steps.empty()) workers.do_one(around);
        REQUIRE(around.outgoing.size() == 1);
        CHECK(around.outgoing.front().second.size() < hello.first.size());
        CHECK(around.server->size() == 0);
        CHECK(around.counted().handshakes_started == 0);
    }
}

TEST_CASE(
    "Adaptive policy, attempt accepted by hand: the limit counts all fragments received before the accept")
{
    world around{{}, adaptive()};
    around.listener.answer = dispatch::admission_action::offer;
    const bool fits = GENERATE(true, false);
    const split_hello small;
    const auto path = world::path_of(1, 1);
    CHECK(around.route(path, fits ? chromium(0) : small.first).disposition == disposition::delivered);
    CHECK(around.route(path, fits ? chromium(1) : small.second).disposition == disposition::delivered);
    REQUIRE(around.listener.offers.size() == 1);
    const auto offered = around.listener.offers.front();
    struct owner final : dispatch::owner {
        void abort() noexcept override {}
    };
    offered->owner = std::make_shared<owner>();
    CHECK(around.server->accept(*offered, around.now, around));
    if (fits) {
        CHECK(bytes_sent(around) > 500);
        CHECK(around.counted().half_open == 1);
    } else {
        CHECK(bytes_sent(around) < 80);
        REQUIRE(around.listener.ends.size() == 1);
        CHECK(around.listener.ends.front().why == close_reason::challenged);
    }
}

#endif
