// Handshakes that go on on other threads (`server_config::handshake_threads`): the dispatcher neither waits
// for them nor loses what comes meanwhile.
#include "beside.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::verdict;
using sessions::ending;

TEST_CASE("handshake threads: each flight of the client is one step, and nothing leaves before it is done")
{
    beside here;
    auto& client = here.begin();
    CHECK(here.workers.steps.size() == 1);
    CHECK(here.around.outgoing.empty());
    CHECK(here.around.signatures == 0);
    here.workers.do_one(here.around);
    CHECK(here.around.signatures == 1);

    here.around.settle();  // the client's certificate-less flight: three records, or one datagram for each
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

TEST_CASE("handshake threads: with detached records and connection ids")
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

TEST_CASE("handshake threads: data that overtakes the end of the Finished's step waits for it")
{
    beside here;
    auto& client = here.begin();
    here.workers.do_one(here.around);
    for (const auto& [path, datagram] : std::exchange(here.around.outgoing, {})) client.take(datagram);
    while (!client.outgoing.empty()) (void)here.around.deliver(client);  // up to its Finished
    REQUIRE(here.workers.steps.size() == 1);

    // The server's Finished, for the client alone.
    auto step = std::move(here.workers.steps.front());
    here.workers.steps.pop_front();
    step->run(here.around.now, here.around.meter);
    struct to_client final : wire::outbox {
        explicit to_client(remote& who) : client{who} {}
        void send(const wire::path&, wire::bytes datagram) noexcept override
        {
            client.take({datagram.begin(), datagram.end()});
        }
        remote& client;
    } finished{client};
    step->flight().release(finished);
    REQUIRE(client.connected());
    client.send("early");
    CHECK(here.around.deliver(client).verdict == verdict::delivered);
    CHECK(here.around.listener.readables == 0);

    here.around.server->take_back(std::move(step), here.around.now, here.around);
    const auto session = here.around.session_of(client);
    REQUIRE(session);
    REQUIRE(!session->messages().empty());
    CHECK(wire::as_text(session->messages().pop()->bytes()) == "early");
    CHECK(here.around.counted().messages_received == 1);
    CHECK(here.around.counted().discarded.total() == 0);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a hello that is repeated while its answer is made is answered once")
{
    beside here;
    auto& client = here.begin();
    const auto hello = client.sent.back();
    for (int i = 0; i < 3; ++i) CHECK(here.around.route(client.path(), hello).verdict == verdict::delivered);
    CHECK(here.workers.steps.size() == 1);
    here.workers.settle(here.around);
    CHECK(here.around.signatures == 1);
    CHECK(client.connected());
    CHECK(here.around.counted().discarded[drop_reason::repeated_flight] == 3);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: what waits for a handshake has a limit (handshake_busy)")
{
    limits small;
    small.max_handshake_message_bytes = 4'096;
    beside here{small};
    auto& client = here.begin();
    const auto hello = client.sent.back();
    decltype(here.around.route(client.path(), hello)) decided;
    const auto most = tls::most_held(small.max_handshake_message_bytes);
    for (auto sent = hello.size(); sent <= most; sent += hello.size())  // one is with the step
        decided = here.around.route(client.path(), hello);
    CHECK(decided.reason == drop_reason::handshake_busy);
    here.workers.settle(here.around);
    CHECK(client.connected());
    CHECK(here.around.counted().dropped[drop_reason::handshake_busy] == 1);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a handshake that is given up meanwhile is not gone on with")
{
#if defined(QUIVIVE_COOKIES_NEVER)
    const int how = GENERATE(0, 1);  // nobody can prove its address, and so displace a young handshake
#else
    const int how = GENERATE(0, 1, 2);
#endif
    beside here;
    auto& client = here.begin();
    auto expected = ending::handshake_timeout;
    if (how == 0) here.around.pass(61s);
    if (how == 1) {
        here.around.server->end_all(ending::server_stopped, here.around.now, here.around);
        expected = ending::server_stopped;
    }
    if (how == 2) {  // a newcomer at its address
        client.hello();
        here.around.settle();
        expected = ending::displaced;
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

TEST_CASE("handshake threads: a step outlives the dispatcher it came from")
{
    beside here;
    here.begin();
    here.around.server.reset();
    here.workers.steps.front()->run(here.around.now, here.around.meter);
    here.workers.steps.clear();
}

TEST_CASE("handshake threads: when too many steps wait newcomers are challenged or dropped, sessions not")
{
    beside here;
    auto& talking = here.connect(1);
    here.begin(2);
    here.workers.most = 1;
    auto& newcomer = here.around.add_client(3);
    const auto decided = here.around.begin(newcomer);
    CHECK(decided.reason == drop_reason::handshake_queue_full);
    CHECK(here.around.counted().half_open == 1);
    CHECK(here.around.echoes(talking));
    here.workers.settle(here.around);
    CHECK(here.around.route(newcomer.path(), newcomer.sent.back()).verdict == verdict::delivered);
    here.workers.settle(here.around);
    CHECK(newcomer.connected());
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: without memory for it a step is done at once")
{
    beside here;
    here.workers.has_memory = false;
    auto& client = here.connect();
    CHECK(here.around.echoes(client));
    CHECK(here.around.counted().handshakes_started == 1);
}

TEST_CASE("handshake threads: one that fails is counted and told")
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

// Admitting without the round trip needs both ways compiled in.
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("handshake threads: an unproven peer's flight is weighed when it is made")
{
    SECTION("it fits")
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
    SECTION("it does not")
    {
        beside here{{}, adaptive()};
        const auto hello = make_hello(0, make_extension(35, counting(64)));
        CHECK(here.around.route(world::path_of(1, 1'000), hello).verdict == verdict::delivered);
        CHECK(here.around.outgoing.empty());
        here.workers.do_one(here.around);
        REQUIRE(here.around.outgoing.size() == 1);
        CHECK(here.around.outgoing.front().second.size() < hello.size());  // a HelloVerifyRequest
        CHECK(here.around.server->size() == 0);
        CHECK(here.around.counted().handshakes_started == 0);
        CHECK(here.around.counted().balanced());
    }
    SECTION("by its own hello alone, however often that is repeated meanwhile")
    {
        beside here{{}, adaptive()};
        const auto hello = make_hello(0, make_extension(35, counting(64)));
        for (int i = 0; i < 4; ++i) (void)here.around.route(world::path_of(1, 1'000), hello);
        here.workers.do_one(here.around);
        REQUIRE(here.around.outgoing.size() == 1);
        CHECK(here.around.outgoing.front().second.size() < hello.size());
    }
    SECTION("too many wait")
    {
        beside here{{}, adaptive(), psk_server(), psk_client()};
        here.workers.most = 0;
        auto& client = here.around.add_client();
        client.hello();
        CHECK(here.around.deliver(client).verdict == verdict::answered);
        CHECK(here.around.server->size() == 0);
    }
}

#endif
