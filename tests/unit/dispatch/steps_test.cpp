// Handshakes on handshake threads (`server_config::handshake_threads`): the dispatcher neither waits for them
// nor loses datagrams that arrive in the meantime.
#include "beside.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;

TEST_CASE(
    "handshake threads: each flight of the client is one step, and nothing is sent before the step is done")
{
    beside here;
    auto& client = here.begin();
    CHECK(here.workers.steps.size() == 1);
    CHECK(here.around.outgoing.empty());
    CHECK(here.around.signatures == 0);
    here.workers.do_one(here.around);
    CHECK(here.around.signatures == 1);

    here.around.settle();  // the client's flight without a certificate: three records, or a datagram for each
    CHECK(here.workers.steps.size() == 1);
    CHECK(here.around.counted().handshakes_completed == 0);
    here.workers.settle(here.around);
    CHECK(client.connected());
    CHECK(here.around.echoes(client));
    const auto counted = here.around.counted();
    CHECK(counted.handshakes_started == 1);
    CHECK(counted.handshakes_completed == 1);
    CHECK(counted.half_open == 0);
    CHECK(counted.discarded.total() == 0);
    CHECK(counted.balanced());
}

TEST_CASE("handshake threads: handshakes with detached records and connection ids complete")
{
    beside here;
    here.around.use_ids({.enabled = true}, 4);
    auto& client = here.connect();
    CHECK(here.around.session_of(client)->has_id());
    CHECK(here.around.echoes(client));
    client.move_to(2'000);
    client.send("from there");
    here.workers.settle(here.around);
    CHECK(here.around.listener.moves.size() == 1);
}

TEST_CASE("handshake threads: data that arrives during the step of the Finished waits for that step")
{
    beside here;
    auto& client = here.begin();
    here.workers.do_one(here.around);
    for (const auto& [path, datagram] : std::exchange(here.around.outgoing, {})) client.take(datagram);
    while (!client.outgoing.empty()) (void)here.around.deliver(client);  // up to its Finished
    REQUIRE(here.workers.steps.size() == 1);

    // Only the client receives the server's Finished.
    auto step = std::move(here.workers.steps.front());
    here.workers.steps.pop_front();
    step->run(here.around.now, here.around.meter);
    struct to_client final : wire::outbox {
        explicit to_client(remote& client) : client{client} {}
        void send(const wire::path&, wire::bytes datagram) noexcept override
        {
            client.take({datagram.begin(), datagram.end()});
        }
        remote& client;
    } finished{client};
    step->flight().flush(finished);
    REQUIRE(client.connected());
    client.send("early");
    CHECK(here.around.deliver(client).disposition == disposition::delivered);
    CHECK(here.around.listener.readables == 0);

    here.around.server->on_step_done(std::move(step), here.around.now, here.around);
    const auto session = here.around.session_of(client);
    REQUIRE(session);
    REQUIRE(!session->messages().empty());
    CHECK(wire::as_text(session->messages().pop()->bytes()) == "early");
    CHECK(here.around.counted().messages_received == 1);
    CHECK(here.around.counted().discarded.total() == 0);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a hello repeated while its answer is made is answered once")
{
    beside here;
    auto& client = here.begin();
    const auto hello = client.sent.back();
    for (int i = 0; i < 3; ++i)
        CHECK(here.around.route(client.path(), hello).disposition == disposition::delivered);
    CHECK(here.workers.steps.size() == 1);
    here.workers.settle(here.around);
    CHECK(here.around.signatures == 1);
    CHECK(client.connected());
    CHECK(here.around.counted().discarded[drop_reason::repeated_flight] == 3);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: records waiting for a handshake are limited and dropped as handshake_busy")
{
    limits small;
    small.max_handshake_message_bytes = 4'096;
    beside here{small};
    auto& client = here.begin();
    const auto hello = client.sent.back();
    decltype(here.around.route(client.path(), hello)) decided;
    const auto most = tls::max_held(small.max_handshake_message_bytes);
    for (auto sent = hello.size(); sent <= most; sent += hello.size())  // one is with the step
        decided = here.around.route(client.path(), hello);
    CHECK(decided.reason == drop_reason::handshake_busy);
    here.workers.settle(here.around);
    CHECK(client.connected());
    CHECK(here.around.counted().dropped[drop_reason::handshake_busy] == 1);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a handshake removed during a step does not continue")
{
#if defined(QUIVIVE_COOKIES_NEVER)
    const int how =
        GENERATE(0, 1);  // without cookies no peer validates its address and displaces a young handshake
#else
    const int how = GENERATE(0, 1, 2);
#endif
    beside here;
    auto& client = here.begin();
    auto expected = close_reason::handshake_timeout;
    if (how == 0) here.around.pass(61s);
    if (how == 1) {
        here.around.server->close_all(close_reason::server_stopped, here.around.now, here.around);
        expected = close_reason::server_stopped;
    }
    if (how == 2) {  // a new hello at its address
        client.hello();
        here.around.settle();
        expected = close_reason::displaced;
    }
    REQUIRE(here.around.listener.ends.size() == 1);
    CHECK(here.around.listener.ends.front().why == expected);
    here.around.outgoing.clear();
    here.workers.do_one(here.around);
    CHECK(here.around.outgoing.empty());
    CHECK(here.around.listener.ends.size() == 1);
    here.workers.settle(here.around);
    CHECK(client.connected() == (how == 2));
    CHECK(here.around.counted().half_open == 0);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a step may outlive its dispatcher")
{
    beside here;
    here.begin();
    here.around.server.reset();
    here.workers.steps.front()->run(here.around.now, here.around.meter);
    here.workers.steps.clear();
}

TEST_CASE("handshake threads: too many waiting steps drop new handshakes and leave sessions alone")
{
    beside here;
    auto& talking = here.connect(1);
    here.begin(2);
    here.workers.most = 1;
    auto& new_client = here.around.add_client(3);
    const auto decided = here.around.begin(new_client);
    CHECK(decided.reason == drop_reason::handshake_queue_full);
    CHECK(here.around.counted().half_open == 1);
    CHECK(here.around.echoes(talking));
    here.workers.settle(here.around);
    CHECK(here.around.route(new_client.path(), new_client.sent.back()).disposition == disposition::delivered);
    here.workers.settle(here.around);
    CHECK(new_client.connected());
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: without memory for the queue a step runs at once")
{
    beside here;
    here.workers.has_memory = false;
    auto& client = here.connect();
    CHECK(here.around.echoes(client));
    CHECK(here.around.counted().handshakes_started == 1);
}

TEST_CASE("handshake threads: a failed handshake is counted and removed")
{
    limits patient;
    beside here{patient, {}, any_server_context(), psk_client()};
    auto& client = here.begin();
    here.workers.settle(here.around);
    CHECK(!client.connected());
    CHECK(here.around.counted().handshakes_failed == 1);
    CHECK(here.around.server->size() == 0);
    CHECK(here.around.counted().balanced());
}

// Admission without the round trip needs both cookie policies compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("handshake threads: the flight to an unvalidated peer is checked against the limit once it is made")
{
    SECTION("the flight is within the limit")
    {
        beside here{{}, adaptive(), psk_server(), psk_client()};
        auto& client = here.around.add_client();
        client.hello();
        (void)here.around.deliver(client);
        CHECK(here.around.counted().handshakes_started == 0);
        here.workers.settle(here.around);
        CHECK(client.connected());
        CHECK(here.around.counted().answered == 0);
        CHECK(here.around.counted().handshakes_started == 1);
        CHECK(here.around.counted().admitted_unproven == 1);
    }
    SECTION("the flight is above the limit")
    {
        beside here{{}, adaptive()};
        const auto hello = make_hello(0, make_extension(35, counting(64)));
        CHECK(here.around.route(world::path_of(1, 1'000), hello).disposition == disposition::delivered);
        CHECK(here.around.outgoing.empty());
        here.workers.do_one(here.around);
        REQUIRE(here.around.outgoing.size() == 1);
        CHECK(here.around.outgoing.front().second.size() < hello.size());  // a HelloVerifyRequest
        CHECK(here.around.server->size() == 0);
        CHECK(here.around.counted().handshakes_started == 0);
        CHECK(here.around.counted().balanced());
    }
    SECTION("repeats of the hello during the step do not raise the limit")
    {
        beside here{{}, adaptive()};
        const auto hello = make_hello(0, make_extension(35, counting(64)));
        for (int i = 0; i < 4; ++i) (void)here.around.route(world::path_of(1, 1'000), hello);
        here.workers.do_one(here.around);
        REQUIRE(here.around.outgoing.size() == 1);
        CHECK(here.around.outgoing.front().second.size() < hello.size());
    }
    SECTION("too many steps wait")
    {
        beside here{{}, adaptive(), psk_server(), psk_client()};
        here.workers.most = 0;
        auto& client = here.around.add_client();
        client.hello();
        CHECK(here.around.deliver(client).disposition == disposition::answered);
        CHECK(here.around.server->size() == 0);
    }
}

#endif
