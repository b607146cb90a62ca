#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "unit/dispatch/mobile.hpp"

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;

TEST_CASE("Adaptive policy under normal load: a client is admitted without a HelloVerifyRequest")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    auto& client = around.connect();
    CHECK(client.connected());
    CHECK(around.echoes(client));
    CHECK(around.counted().answered == 0);
    CHECK(around.counted().admitted_unproven == 1);
    CHECK(around.counted().flights_withheld == 0);
    CHECK_FALSE(around.listener.last_proven);
    // ClientHello; ClientKeyExchange, ChangeCipherSpec, Finished.
    CHECK(client.sent.size() == 1 + 1 + 1);  // and the echo
}

TEST_CASE(
    "Adaptive policy: a hello too small for a certificate flight is challenged at once, without a signature")
{
    world around{{}, adaptive()};
    CHECK(around.route(world::path_of(1, 1'000), make_hello()).disposition == disposition::answered);
    CHECK(around.counted().handshakes_started == 0);
    CHECK(around.signatures == 0);
    CHECK(around.server->size() == 0);
    CHECK(around.connect(2).connected());
}

TEST_CASE(
    "Adaptive policy: a hello large enough for the certificate flight is admitted without the round trip")
{
    world around{{}, adaptive()};
    CHECK(around.route(world::path_of(1, 1'000), make_hello(400)).disposition == disposition::delivered);
    CHECK(around.signatures == 1);
    CHECK(around.counted().half_open == 1);
}

TEST_CASE(
    "Adaptive policy: a first flight above the amplification limit is discarded and the hello is challenged")
{
    world around{{}, adaptive()};
    // The ticket might have resumed a session (RFC 5077) with a short flight. The server did not issue it.
    const auto hello = make_hello(0, test::make_extension(35, test::counting(64)));
    CHECK(around.route(world::path_of(1, 1'000), hello).disposition == disposition::answered);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(around.outgoing.front().second.size() < hello.size());
    CHECK(around.server->size() == 0);
    CHECK(around.server->half_open() == 0);
    CHECK(around.listener.ends.empty());
    const auto counted = around.counted();
    CHECK(counted.admitted_unproven == 0);
    CHECK(counted.handshakes_failed == 0);
    CHECK(counted.balanced());
}

TEST_CASE("RFC 9000 8: a record with an id counts for its session only, not for a handshake at its address")
{
    limits patient;
    patient.unproven_timeout = 120s;
    patient.handshake_timeout = 120s;
    world around{patient, adaptive(), psk_server(), psk_client()};
    mobile m{around};
    const auto elsewhere = world::path_of(9, 6'666);
    const auto hello = make_hello();
    REQUIRE(around.route(elsewhere, hello).disposition == disposition::delivered);
    const auto copy = data_of(*m.client, std::string(1'000, 'q'));
    REQUIRE(around.route(elsewhere, copy).disposition == disposition::delivered);
    REQUIRE(m.session->path() == elsewhere);
    for (int i = 0; i < 100; ++i)
        (void)around.server->send(*m.session, wire::as_bytes(std::string(100, 'a')), around.now, around);
    around.pass(120s);
    CHECK(bytes_sent_to(around, 6'666) > 2 * (hello.size() + copy.size()));
    CHECK(bytes_sent_to(around, 6'666) <= 3 * (hello.size() + copy.size()));
}

TEST_CASE("RFC 9000 8: a spoofed address is sent at most three times its bytes, retransmissions included")
{
    const auto [context, padding] =
        GENERATE(table<std::shared_ptr<const tls::context>, std::size_t>({{psk_server(), 0},
                                                                          {test::any_server_context(), 0},
                                                                          {test::any_server_context(), 150},
                                                                          {test::any_server_context(), 400},
                                                                          {long_chain_server(), 0},
                                                                          {long_chain_server(), 1'100},
                                                                          {long_chain_server(), 1'500}}));
    limits patient;
    patient.unproven_timeout = 120s;
    patient.handshake_timeout = 120s;
    world around{patient, adaptive(), context};
    const auto hello = make_hello(padding);
    (void)around.route(world::path_of(1, 1'000), hello);
    CHECK(!around.outgoing.empty());
    around.pass(120s);
    CHECK(bytes_sent(around) <= 3 * hello.size());
    CHECK(around.server->size() == 0);
}

TEST_CASE("The test's long chain takes 4 kB, and a hello of 1.6 kB admits a flight of that size")
{
    const auto hello = make_hello(1'500);
    world around{{}, adaptive(), long_chain_server()};
    CHECK(around.route(world::path_of(1, 1'000), hello).disposition == disposition::delivered);
    CHECK(bytes_sent(around) >= 4'000);
}

TEST_CASE(
    "Adaptive policy: a peer that repeats its hello is answered again, within the bytes it has sent so far")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    const auto hello = make_hello();
    std::size_t received = 0;
    for (int i = 0; i < 5; ++i) {
        (void)around.route(world::path_of(1, 1'000), hello);
        received += hello.size();
        CHECK(bytes_sent(around) <= 3 * received);
        around.pass(1s);
    }
    CHECK(bytes_sent(around) > hello.size());
    CHECK(around.counted().flights_repeated > 0);
    CHECK(around.counted().flights_withheld == 0);
}

TEST_CASE("Adaptive policy: a retransmission above the amplification limit is withheld whole and counted")
{
    world around{{}, adaptive()};
    (void)around.route(world::path_of(1, 1'000), make_hello(400));
    const auto once = bytes_sent(around);
    around.pass(5s);
    CHECK(bytes_sent(around) % once == 0);
    CHECK(around.counted().flights_withheld > 0);
    CHECK(around.counted().flights_repeated == bytes_sent(around) / once - 1);
}

TEST_CASE("Adaptive policy: junk from the address raises its amplification limit and disturbs no handshake")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    (void)around.route(client.path(), octets(1'200));
    around.settle();
    CHECK(client.connected());
}

TEST_CASE("Adaptive policy: a hello with a cookie replaces the same client's handshake without a cookie")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    auto& client = around.add_client();
    client.hello();
    // The client was challenged under high load, and a copy of its hello arrived after the load had dropped.
    const auto copy = client.outgoing.front();
    const auto read = wire::read_client_hello(*wire::first_record(copy));
    tls::hello_verify_request challenge;
    REQUIRE(
        around.gate.challenge(std::get<wire::client_hello_view>(read), client.path(), around.now, challenge));
    CHECK(around.deliver(client).disposition == disposition::delivered);
    around.outgoing.clear();  // the answer to the copy is late or lost

    client.take({challenge.begin(), challenge.end()});
    around.settle();
    CHECK(client.connected());
    CHECK(around.echoes(client));
    CHECK(around.counted().handshakes_displaced == 1);
    CHECK(around.counted().cookies_proven == 1);
    CHECK(around.counted().balanced());
}

TEST_CASE("unproven_timeout removes the handshake of a silent peer and spares a peer that repeats its hello")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    auto& quiet = around.add_client(1);
    auto& slow = around.add_client(2);
    CHECK(around.begin(quiet).disposition == disposition::delivered);
    CHECK(around.begin(slow).disposition == disposition::delivered);
    around.pass(9s);
    (void)around.route(slow.path(), slow.sent.front());
    CHECK(around.server->half_open() == 2);
    around.pass(1s);
    CHECK(around.server->half_open() == 1);
    CHECK(around.counted().handshakes_timed_out == 1);
    around.settle();
    CHECK(slow.connected());
    around.pass(20s);
    CHECK(around.session_of(slow) != nullptr);
}

TEST_CASE(
    "Adaptive policy: the Finished validates the address, and later datagrams have no amplification limit")
{
    world around{{}, adaptive(), psk_server(), psk_client()};
    auto& client = around.connect();
    const auto session = around.session_of(client);
    REQUIRE(session);
    CHECK(session->unvalidated() == nullptr);
    const octets message(1'000);
    for (int i = 0; i < 20; ++i)
        CHECK(around.server->send(*session, message, around.now, around) == record::sealed::sent);
    CHECK(bytes_sent(around) > 20'000);
}

TEST_CASE(
    "Adaptive policy, attempt accepted by hand: too long a first flight ends the attempt with a challenge")
{
    world around{{}, adaptive()};
    around.listener.answer = dispatch::admission_action::offer;
    const auto hello = make_hello(0, test::make_extension(35, test::counting(64)));
    CHECK(around.route(world::path_of(1, 1'000), hello).disposition == disposition::delivered);
    REQUIRE(around.listener.offers.size() == 1);
    const auto offered = around.listener.offers.front();
    struct owner final : dispatch::owner {
        void abort() noexcept override {}
    };
    offered->owner = std::make_shared<owner>();
    CHECK(around.server->accept(*offered, around.now, around));
    REQUIRE(around.outgoing.size() == 1);
    CHECK(around.outgoing.front().second.size() < hello.size());
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == sessions::close_reason::challenged);
    CHECK(around.server->size() == 0);
}

#endif
