// RFC 9000 8: an unvalidated address is sent at most three times the bytes that were received from it,
// whatever the datagrams contain.
#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "support/late_workers.hpp"

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;

namespace {

/// A hello in two fragments that is large enough for a certificate's flight. Repeating the small second
/// fragment requests that flight again.
struct dear_hello {
    explicit dear_hello(std::size_t padding = 300)
    {
        hello_builder hello;
        hello.suites = make_octets({0xc0, 0x2b});
        hello.extensions = make_extension(10, make_octets({0, 2, 0, 23})) +
                           make_extension(13, make_octets({0, 2, 4, 3})) +
                           make_extension(21, octets(padding));
        const auto most = hello.body().size() - 20;
        first = hello.fragment(0, most);
        second = hello.fragment(most, 20);
    }
    octets first, second;
};

}  // namespace

TEST_CASE("RFC 9000 8: HelloVerifyRequests count against the amplification limit of an unvalidated address")
{
    late_workers workers;
    const bool beside = GENERATE(false, true);
    limits patient;
    patient.unproven_timeout = patient.handshake_timeout = 120s;
    world around{patient,
                 adaptive(),
                 any_server_context(),
                 any_client_context(),
                 nullptr,
                 beside ? &workers : nullptr};
    const auto path = world::path_of(1, 1);
    std::size_t received = 0;
    const auto come = [&](const octets& datagram) {
        received += datagram.size();
        const auto decided = around.route(path, datagram);
        CHECK(bytes_to(around, path) <= 3 * received);
        return decided;
    };
    const dear_hello hello;
    (void)come(hello.first);
    (void)come(hello.second);
    for (unsigned i = 0; i < 100; ++i) {
        for (int k = 0; k < 2; ++k)
            CHECK(come(make_hello(0, {}, i + 100)).disposition == disposition::answered);
        while (!workers.steps.empty()) workers.do_one(around);
        (void)come(hello.second);
        while (!workers.steps.empty()) workers.do_one(around);
        CHECK(bytes_to(around, path) <= 3 * received);
        around.pass(1s);
    }
    CHECK(around.counted().flights_withheld > 0);
    CHECK(10 * bytes_to(around, path) > 28 * received);  // the limit is nearly used up
    CHECK(around.counted().balanced());
}

TEST_CASE("RFC 9000 8: bytes of a retransmitted flight are no longer available for a HelloVerifyRequest")
{
    const auto path = world::path_of(1, 1);
    limits patient;
    patient.unproven_timeout = patient.handshake_timeout = 120s;
    unsigned silent = 0;
    for (std::size_t padding = 180; padding < 300; padding += 4) {
        const dear_hello hello{padding};
        world around{patient, adaptive()};
        REQUIRE(around.route(path, hello.first).disposition == disposition::delivered);
        REQUIRE(around.route(path, hello.second).disposition == disposition::delivered);
        around.pass(60s);  // too little is left for a further retransmission
        // A small fragment requests the flight, and the same datagram holds a new hello.
        const auto both = hello.second + make_hello(0, {}, 9);
        const auto repeated = around.counted().flights_repeated;
        (void)around.route(path, both);
        CHECK(bytes_to(around, path) <= 3 * (hello.first.size() + hello.second.size() + both.size()));
        CHECK(around.counted().balanced());
        const auto last = wire::first_record(around.outgoing.back().second);
        const bool asked = last->payload.front() == std::byte{3};  // HelloVerifyRequest
        silent += !asked && around.counted().flights_repeated > repeated ? 1U : 0U;
    }
    CHECK(silent > 0);
}

TEST_CASE("A challenge to an unvalidated address leaves the limit of a pending first flight unchanged")
{
    late_workers workers;
    world around{{}, adaptive(), any_server_context(), any_client_context(), nullptr, &workers};
    const auto path = world::path_of(1, 1);
    const auto hello = make_hello(0, make_extension(35, counting(64)));
    CHECK(around.route(path, hello).disposition == disposition::delivered);
    for (unsigned i = 0; i < 4; ++i)
        CHECK(around.route(path, make_hello(400, {}, i)).disposition == disposition::answered);
    around.outgoing.clear();
    workers.do_one(around);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(around.outgoing.front().second.size() < hello.size());  // a HelloVerifyRequest
    CHECK(around.server->size() == 0);
}

#endif
