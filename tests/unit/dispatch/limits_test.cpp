#include "dispatch/dispatcher.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;
using test::octets;
using test::world;

namespace {

void check_nothing_held(const world& around)
{
    CHECK(around.server->size() == 0);
    CHECK(around.server->half_open() == 0);
    CHECK(around.server->next_wake() == no_deadline);
    const auto counted = around.counted();
    CHECK(counted.associations == 0);
    CHECK(counted.half_open == 0);
    CHECK(counted.sessions == 0);
    CHECK(counted.balanced());
}

/// Sends a hello that GnuTLS refuses, with the cookie exchange where it is required.
dispatch::decision fail_handshake(world& around, const wire::path& path)
{
    test::hello_builder hello;
    hello.suites = test::make_octets({0xff, 0x01});
    auto decided = around.route(path, hello.record());
    if (decided.disposition != disposition::answered) return decided;
    const auto answer = around.outgoing.back().second;
    hello.cookie = {answer.end() - 16, answer.end()};
    hello.message_seq = 1;
    hello.record_sequence = 1;
    return around.route(path, hello.record());
}

}  // namespace

TEST_CASE("max_half_open: a new handshake is dropped during the grace and displaces the oldest one after it")
{
    limits few;
    few.max_half_open = 2;
    world around{few};
    auto& oldest = around.add_client(1);
    auto& second = around.add_client(2);
    auto& new_client = around.add_client(3);
    CHECK(around.begin(oldest).disposition == disposition::delivered);
    around.pass(1s);
    CHECK(around.begin(second).disposition == disposition::delivered);
    CHECK(around.begin(new_client).reason == drop_reason::half_open_limit);
    CHECK(around.counted().half_open == 2);

    around.pass(999ms);
    CHECK(around.route(new_client.path(), new_client.sent.back()).reason == drop_reason::half_open_limit);
    around.pass(1ms);
    CHECK(around.route(new_client.path(), new_client.sent.back()).disposition == disposition::delivered);
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == close_reason::displaced);
    CHECK_FALSE(around.listener.ends.front().was_session);
    CHECK(around.counted().handshakes_displaced == 1);
    CHECK(around.counted().half_open == 2);
    around.settle();
    CHECK(around.session_of(second));
    CHECK(around.session_of(new_client));
    CHECK_FALSE(around.session_of(oldest));
}

TEST_CASE("max_half_open: a finished handshake gives its place back")
{
    limits few;
    few.max_half_open = 1;
    world around{few};
    for (unsigned host = 1; host <= 5; ++host) CHECK(around.connect(host).connected());
    CHECK(around.counted().half_open == 0);
    CHECK(around.counted().sessions == 5);
}

TEST_CASE("max_half_open_per_source counts all ports of an address and no other address")
{
    limits few;
    few.max_half_open_per_source = 2;
    world around{few};
    auto& first = around.add_client(1, 1000);
    CHECK(around.begin(first).disposition == disposition::delivered);
    CHECK(around.begin(around.add_client(1, 1001)).disposition == disposition::delivered);
    auto& third = around.add_client(1, 1002);
    CHECK(around.begin(third).reason == drop_reason::source_half_open_limit);
    CHECK(around.begin(around.add_client(2, 1000)).disposition == disposition::delivered);
    around.settle();
    CHECK(first.connected());
    CHECK(around.route(third.path(), third.sent.back()).disposition == disposition::delivered);
}

TEST_CASE("max_sessions: a client above the limit is dropped until a session has ended")
{
    limits few;
    few.max_sessions = 2;
    world around{few};
    auto& first = around.connect(1);
    CHECK(around.connect(2).connected());
    auto& third = around.add_client(3);
    CHECK(around.begin(third).reason == drop_reason::session_limit);
    CHECK(around.counted().associations == 2);
    first.close();
    around.settle();
    CHECK(around.counted().associations == 1);
    CHECK(around.route(third.path(), third.sent.back()).disposition == disposition::delivered);
}

TEST_CASE("handshake_timeout: an unfinished handshake is removed without a datagram and leaves no state")
{
    world around;
    CHECK(around.begin(around.add_client()).disposition == disposition::delivered);
    around.pass(59'900ms);
    CHECK(around.server->size() == 1);
    CHECK(around.counted().flights_repeated == 6);  // 0.9 s, doubled each time (RFC 6347 4.2.4.1)
    const auto sent = around.outgoing.size();
    around.pass(200ms);
    CHECK(around.outgoing.size() == sent);
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == close_reason::handshake_timeout);
    CHECK(around.counted().handshakes_timed_out == 1);
    check_nothing_held(around);
}

TEST_CASE("CVE-2022-39368: a thousand failed or unfinished handshakes leave every counter where it was")
{
    limits few;
    few.max_half_open = 100;
    few.max_half_open_per_source = 10;
    few.max_sessions = 120;
    world around{few};
    for (int round = 0; round < 10; ++round) {
        for (unsigned i = 0; i < 95; ++i) {
            around.outgoing.clear();
            CHECK(fail_handshake(around, world::path_of(i % 5, static_cast<std::uint16_t>(i + 1)))
                      .disposition == disposition::delivered);
        }
        for (unsigned i = 0; i < 5; ++i)
            CHECK(around.begin(around.add_client(i, 500)).disposition == disposition::delivered);
        CHECK(around.counted().half_open == 5);
        around.pass(61s);
        around.clients.clear();
        check_nothing_held(around);
    }
    CHECK(around.counted().handshakes_failed == 950);
    CHECK(around.counted().handshakes_timed_out == 50);
    CHECK(around.listener.ends.size() == 1'000);
    CHECK(around.connect().connected());
}

TEST_CASE("alerted_handshake_grace: a plaintext fatal alert only shortens the handshake time-out")
{
    world around;
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    const auto alert = test::make_record(wire::content_type::alert, test::make_octets({2, 40}), 0, 9);
    CHECK(around.route(client.path(), alert).reason == drop_reason::plaintext_alert);
    SECTION("a real client goes on")
    {
        around.settle();
        CHECK(client.connected());
        around.pass(10s);
        CHECK(around.session_of(client));
    }
    SECTION("a client that has given up is removed soon")
    {
        around.pass(5'100ms);
        CHECK(around.counted().handshakes_timed_out == 1);
        check_nothing_held(around);
    }
}

TEST_CASE("idle_timeout: a session without an authentic record ends with close_notify")
{
    world around;
    auto& client = around.connect();
    const auto session = around.session_of(client);
    around.pass(200s);
    CHECK(around.echoes(client));
    // Datagrams that anyone can forge do not keep the session alive.
    around.pass(200s);
    (void)around.route(client.path(), test::make_record(wire::content_type::application_data, octets(40), 1));
    around.pass(99'900ms);
    CHECK(around.session_of(client) == session);
    around.pass(200ms);
    CHECK(session->close_reason() == close_reason::idle_timeout);
    CHECK(around.counted().sessions_idled_out == 1);
    around.settle();
    CHECK(client.association().close_reason() == close_reason::peer_closed);
    check_nothing_held(around);
}

TEST_CASE("idle_timeout zero: a session never ends by inactivity")
{
    limits patient;
    patient.idle_timeout = 0ms;
    world around{patient};
    auto& client = around.connect();
    around.pass(std::chrono::hours{24 * 30});
    CHECK(around.echoes(client));
}

TEST_CASE("The listener is notified of each refusal and of its source")
{
    limits few;
    few.max_sessions_per_source = 1;
    world around{few};
    for (unsigned host = 1; host <= 4; ++host) CHECK(around.connect(host, 1).connected());
    CHECK(around.listener.reached.empty());
    (void)around.begin(around.add_client(1, 2));
    (void)around.begin(around.add_client(5, 1));
    REQUIRE(around.listener.reached.size() == 2);
    const auto& own = around.listener.reached[0];
    const auto& network = around.listener.reached[1];
    CHECK(own.prefix_length == 32);
    CHECK(own.shares == 1);
    CHECK(own.why == drop_reason::source_session_limit);
    CHECK(network.prefix_length == 24);
    CHECK(network.shares == 4);
    CHECK(own.source != network.source);
}
