// Anyone may have sent the hello of a handshake that `adaptive` admitted without a cookie. Such a handshake
// never displaces, delays or counts against a handshake whose peer has validated its address.
#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "support/late_workers.hpp"
#include "unit/dispatch/departure.hpp"

#include <utility>

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;

namespace {

/// A world with PSKs, so that hellos are admitted without a cookie. Most hellos of these tests are forged.
world adaptive_psk_world(limits chosen = {}, dispatch::handshake_workers* workers = nullptr)
{
    return world{chosen, adaptive(), psk_server(), psk_client(), nullptr, workers};
}

/// A different hello for each number.
octets forged(unsigned number) { return make_hello(0, {}, number); }

/// Sends hellos with the source address of `host`, each from another port.
void forge(world& around, unsigned host, unsigned count)
{
    for (unsigned i = 0; i < count; ++i)
        (void)around.route(world::path_of(host, static_cast<std::uint16_t>(30'000 + i)), forged(i));
}

/// Validates the client's address: its first hello is challenged, its second one admitted.
void prove(world& around, remote& client)
{
    client.hello();
    REQUIRE(around.deliver(client).disposition == disposition::answered);
    client.take(around.outgoing.back().second);
    around.outgoing.pop_back();
    REQUIRE(around.deliver(client).disposition == disposition::delivered);
    REQUIRE(around.listener.last_proven);
}

/// Finishes the handshake at the server and loses the server's last flight.
void finish_unheard(world& around, remote& client)
{
    REQUIRE(around.begin(client).disposition == disposition::delivered);
    for (const auto& [path, datagram] : std::exchange(around.outgoing, {})) client.take(datagram);
    while (!client.outgoing.empty()) (void)around.deliver(client);
    around.outgoing.clear();
    REQUIRE(around.session_of(client));
    REQUIRE_FALSE(client.connected());
}

}  // namespace

TEST_CASE(
    "Unvalidated address: a forged hello is challenged and leaves a validated handshake alone, however old")
{
    world around{{}, adaptive()};
    auto& client = around.add_client();
    prove(around, client);  // the hello is too short for a certificate's flight
    const auto age = GENERATE(0ms, 1'999ms, 2'000ms, 5'000ms);
    around.pass(age);
    CHECK(around.route(client.path(), make_hello(400, {}, 7)).disposition == disposition::answered);
    CHECK(around.counted().handshakes_displaced == 0);
    CHECK(around.counted().half_open == 1);
    around.settle();
    CHECK(client.connected());
    CHECK(around.counted().balanced());
}

TEST_CASE("Unvalidated address: a challenged client takes the place of a forged hello of its address")
{
    auto around = adaptive_psk_world();
    auto& client = around.add_client();
    CHECK(around.route(client.path(), forged(1)).disposition == disposition::delivered);
    const auto age = GENERATE(0ms, 1'000ms, 3'000ms);
    around.pass(age);
    around.outgoing.clear();
    prove(around, client);
    CHECK(around.counted().handshakes_displaced == 1);
    CHECK(around.server->size() == 1);
    // No further forged hello takes its place, and the replaced one does not return.
    CHECK(around.route(client.path(), forged(2)).disposition == disposition::answered);
    CHECK(around.route(client.path(), forged(1)).reason == drop_reason::stale_client_hello);
    around.settle();
    CHECK(client.connected());
    CHECK(around.counted().handshakes_displaced == 1);
    CHECK(around.counted().balanced());
}

TEST_CASE(
    "Unvalidated address: forged hellos of an address use none of the quota of a client that validated it")
{
    limits few;
    few.max_half_open_per_source = 2;
    auto around = adaptive_psk_world(few);
    forge(around, 1, 5);
    CHECK(around.counted().half_open == 2);
    CHECK(around.counted().answered == 3);
    around.outgoing.clear();
    auto& first = around.add_client(1, 1'000);
    auto& second = around.add_client(1, 1'001);
    auto& third = around.add_client(1, 1'002);
    prove(around, first);
    prove(around, second);
    CHECK(around.counted().half_open == 2);
    CHECK(around.counted().handshakes_displaced == 2);
    CHECK(around.begin(third).reason == drop_reason::source_half_open_limit);
    around.settle();
    CHECK(first.connected());
    CHECK(second.connected());
}

TEST_CASE("Unvalidated address: the oldest handshake is displaced by a validated one at the limits")
{
    const bool sessions = GENERATE(false, true);
    limits few;
    (sessions ? few.max_sessions : few.max_half_open) = 3;
    auto around = adaptive_psk_world(few);
    auto& spared = around.add_client(9);
    (void)around.route(spared.path(), forged(9));  // so that the client is challenged
    around.outgoing.clear();
    prove(around, spared);
    for (unsigned host = 20; host < 24; ++host) {
        around.now += 1ms;
        (void)around.route(world::path_of(host, 1), forged(host));
    }
    CHECK(around.server->size() == 3);
    auto& client = around.add_client(1);
    prove(around, client);
    CHECK(around.server->size() == 3);
    CHECK(around.route(world::path_of(20, 1), forged(20)).disposition == disposition::answered);
    CHECK(around.route(world::path_of(21, 1), forged(21)).reason == drop_reason::repeated_flight);
    CHECK(around.counted().dropped[drop_reason::half_open_limit] == 0);
    CHECK(around.counted().dropped[drop_reason::session_limit] == 0);
    around.settle();
    CHECK(client.connected());
    CHECK(spared.connected());
    CHECK(around.counted().balanced());
}

TEST_CASE("Unvalidated address: a hello at the half-open limit is challenged even if old handshakes exist")
{
    limits few;
    few.max_half_open = 1;
    auto around = adaptive_psk_world(few);
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    around.pass(5s);
    around.outgoing.clear();
    CHECK(around.route(world::path_of(2, 1), forged(1)).disposition == disposition::answered);
    CHECK(around.counted().handshakes_displaced == 0);
}

TEST_CASE("RFC 6347 4.2.8: a hello without a cookie starts no handshake at the address of a live session")
{
    auto around = adaptive_psk_world();
    auto& client = around.add_client();
    finish_unheard(around, client);
    CHECK(around.route(client.path(), forged(1)).disposition == disposition::answered);
    CHECK(around.server->size() == 1);
    CHECK(around.counted().half_open == 0);
    around.outgoing.clear();
    around.now += 1s;
    client.on_timer();  // the client repeats its Finished, and the server answers
    around.settle();
    CHECK(around.counted().flights_repeated == 1);
    CHECK(around.echoes(client));
}

TEST_CASE("Unvalidated address: an imported session takes the capacity and the address slot of forged hellos")
{
    limits few;
    few.max_sessions = 2;
    departure from{false};
    world around{few, adaptive(), any_server_context(), any_client_context()};
    const auto path = from.client->path();
    REQUIRE(around.route(path, make_hello(400)).disposition == disposition::delivered);
    CHECK_FALSE(around.server->has_connection(path));  // the session may belong to another shard
    REQUIRE(around.route(world::path_of(7, 7), make_hello(400)).disposition == disposition::delivered);
    CHECK(around.server->import_session(from.save(), ciphers(), around.now) ==
          dispatch::import_outcome::imported);
    CHECK(around.server->has_connection(path));
    CHECK(around.server->size() == 2);
    CHECK(around.counted().handshakes_displaced == 1);
}

TEST_CASE(
    "Unvalidated address: a repeated Finished reaches the imported session that replaced a forged hello")
{
    world before{{}, {}, any_server_context(), any_client_context(), ciphers()};
    auto& client = before.add_client();
    finish_unheard(before, client);
    const auto saved = before.server->save(*before.session_of(client), before.now);
    REQUIRE(saved);

    world around{{}, adaptive(), any_server_context(), any_client_context()};
    REQUIRE(around.route(client.path(), make_hello(400)).disposition == disposition::delivered);
    REQUIRE(around.server->import_session(*saved, ciphers(), around.now) ==
            dispatch::import_outcome::imported);
    around.outgoing.clear();
    before.now += 1s;
    client.on_timer();
    REQUIRE(client.outgoing.size() == 1);
    CHECK(around.route(client.path(), client.outgoing.front()).disposition == disposition::delivered);
    CHECK(around.counted().flights_repeated == 1);
    for (const auto& [path, datagram] : around.outgoing) client.take(datagram);
    CHECK(client.connected());
}

TEST_CASE("Unvalidated address: steps of unvalidated handshakes do not count against validated ones")
{
    late_workers workers;
    auto around = adaptive_psk_world({}, &workers);
    workers.most = 2;
    forge(around, 5, 3);
    CHECK(workers.steps.size() == 2);
    CHECK(around.counted().answered == 1);
    around.outgoing.clear();
    auto& client = around.add_client();
    prove(around, client);
    CHECK(workers.steps.size() == 3);
    CHECK(workers.steps.back()->validation() == dispatch::validation::validated);
    workers.settle(around);
    CHECK(client.connected());
}

TEST_CASE("Unvalidated address: unvalidated handshakes are displaced when a validated one needs their memory")
{
    late_workers workers;
    const bool beside = GENERATE(false, true);
    limits few;
    few.half_open_bytes_total = 8'192;
    auto around = adaptive_psk_world(few, beside ? &workers : nullptr);
    const auto early = [](std::size_t size) {
        return make_record(wire::content_type::application_data, octets(size), 1, 1);
    };
    auto& client = around.add_client();
    (void)around.route(client.path(), forged(1));  // so that the client is challenged
    prove(around, client);
    for (unsigned host = 10; host < 12; ++host) {
        REQUIRE(around.route(world::path_of(host, 1), forged(host)).disposition == disposition::delivered);
        REQUIRE(around.route(world::path_of(host, 1), early(2'500)).disposition == disposition::delivered);
    }
    CHECK(around.route(world::path_of(11, 1), early(6'000)).disposition == disposition::dropped);
    CHECK(around.route(client.path(), early(3'000)).disposition == disposition::delivered);
    CHECK(around.counted().half_open == 2);
    CHECK(around.route(world::path_of(10, 1), early(100)).reason == drop_reason::not_a_client_hello);
    CHECK(around.counted().balanced());
}

TEST_CASE("Unvalidated address: a hello without a cookie is challenged when the accept queue is full")
{
    auto around = adaptive_psk_world();
    around.listener.answer = dispatch::admission_action::queue_full;
    CHECK(around.route(world::path_of(1, 1), forged(1)).disposition == disposition::answered);
    CHECK(around.begin(around.add_client(2)).reason == drop_reason::accept_queue_full);
    CHECK(around.counted().balanced());
}

#endif
