// RFC 6347 4.2.8: a client that lost its state starts a new association from the same address and port.

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;
using test::remote;
using test::world;

namespace {

/// A session and a second client at its address.
struct dispatcher_fixture {
    explicit dispatcher_fixture(limits chosen = {}) : around{chosen} {}
    world around;
    remote& old = around.connect();
    std::shared_ptr<dispatch::connection> session = around.session_of(old);
    remote& restarted = around.add_client();

    /// Returns whether a message of the old client reaches its session.
    bool reaches_session()
    {
        old.send("still here");
        const bool delivered = around.deliver(old).disposition == disposition::delivered;
        if (!delivered || session->messages().empty()) return false;
        return wire::as_text(session->messages().pop()->bytes()) == "still here";
    }
};

}  // namespace

TEST_CASE("RFC 6347 4.2.8: a new association replaces the old one at its Finished, not before")
{
    dispatcher_fixture f;
    CHECK(f.around.begin(f.restarted).disposition == disposition::delivered);
    CHECK(f.around.server->size() == 2);
    CHECK(f.around.counted().half_open == 1);
    CHECK(f.session->is_open());
    CHECK(f.around.listener.ends.empty());
    CHECK(f.reaches_session());

    f.around.settle();
    CHECK(f.restarted.connected());
    CHECK(f.session->close_reason() == close_reason::replaced);
    REQUIRE(f.around.listener.ends.size() == 1);
    CHECK(f.around.listener.ends.front().was_session);
    CHECK(f.around.counted().sessions_replaced == 1);
    CHECK(f.around.counted().sessions == 1);
    CHECK(f.around.server->size() == 1);
    CHECK(f.around.echoes(f.restarted));
    CHECK_FALSE(f.reaches_session());
    CHECK(f.around.counted().balanced());
}

TEST_CASE("RFC 6347 4.2.8: a ClientHello alone does not affect the session, whoever sent it")
{
    dispatcher_fixture f;
    for (int i = 0; i < 100; ++i) {
        test::hello_builder hello;
        hello.random = test::counting(32, static_cast<unsigned>(i));
        hello.suites = test::make_octets({0xff, 0x01});  // where the hello is admitted, its handshake fails
        (void)f.around.route(f.old.path(), hello.record());
    }
    CHECK(f.session->is_open());
    CHECK(f.around.server->size() == 1);
    CHECK(f.around.echoes(f.old));
}

TEST_CASE("RFC 6347 4.2.8: a new handshake that times out leaves the session open")
{
    dispatcher_fixture f;
    CHECK(f.around.begin(f.restarted).disposition == disposition::delivered);
    f.around.pass(61s);
    REQUIRE(f.around.listener.ends.size() == 1);
    CHECK(f.around.listener.ends.front().why == close_reason::handshake_timeout);
    CHECK_FALSE(f.around.listener.ends.front().was_session);
    CHECK(f.session->is_open());
    CHECK(f.around.server->size() == 1);
    CHECK(f.around.server->half_open() == 0);
    f.around.outgoing.clear();
    CHECK(f.around.echoes(f.old));
}

TEST_CASE("RFC 6347 4.2.8: the session may close while the new handshake continues")
{
    dispatcher_fixture f;
    CHECK(f.around.begin(f.restarted).disposition == disposition::delivered);
    f.old.close();
    CHECK(f.around.deliver(f.old).disposition == disposition::delivered);
    CHECK(f.session->close_reason() == close_reason::peer_closed);
    CHECK(f.around.server->size() == 1);
    f.around.settle();
    CHECK(f.restarted.connected());
    CHECK(f.around.counted().sessions_replaced == 0);
    CHECK(f.around.echoes(f.restarted));
}

TEST_CASE("RFC 6347 4.2.8: a third hello replaces the second handshake, not the session")
{
    dispatcher_fixture f;
    CHECK(f.around.begin(f.restarted).disposition == disposition::delivered);
    f.around.pass(3s);
    f.around.outgoing.clear();
    auto& again = f.around.add_client();
    CHECK(f.around.begin(again).disposition == disposition::delivered);
    CHECK(f.around.counted().handshakes_displaced == 1);
    CHECK(f.session->is_open());
    CHECK(f.around.server->size() == 2);
    f.around.settle();
    CHECK(again.connected());
    CHECK(f.session->close_reason() == close_reason::replaced);
    CHECK(f.around.server->size() == 1);
}

TEST_CASE("RFC 6347 4.2.8: data of the new association that arrives before its Finished is not lost")
{
    dispatcher_fixture f;
    CHECK(f.around.begin(f.restarted).disposition == disposition::delivered);
    for (const auto& [path, datagram] : std::exchange(f.around.outgoing, {})) f.restarted.take(datagram);
    REQUIRE(f.restarted.outgoing.size() == 1);
    const auto flight = f.restarted.outgoing.front();
    f.restarted.outgoing.clear();
    // The client sends data only after its handshake. This record stands for data that arrives early.
    const auto early = test::make_record(wire::content_type::application_data, test::octets(40), 1, 1);
    CHECK(f.around.route(f.old.path(), early).disposition == disposition::delivered);
    CHECK(f.around.counted().discarded[drop_reason::bad_record_mac] == 0);
    CHECK(f.session->is_open());
    CHECK(f.around.route(f.restarted.path(), flight).disposition == disposition::delivered);
    f.around.settle();
    CHECK(f.restarted.connected());
    CHECK(f.around.echoes(f.restarted));
}

TEST_CASE("A late copy of the hello that made the session is stale")
{
    dispatcher_fixture f;
    for (const auto& datagram : f.old.sent) {
        if (std::to_integer<int>(datagram[13]) != 1) break;  // hellos are sent first
        CHECK(f.around.route(f.old.path(), datagram).reason == drop_reason::stale_client_hello);
    }
    CHECK(f.around.counted().dropped[drop_reason::stale_client_hello] >= 1);
    CHECK(f.around.outgoing.empty());
    CHECK(f.around.echoes(f.old));
}

TEST_CASE("A new handshake for an existing session is refused at max_sessions")
{
    limits few;
    few.max_sessions = 1;
    dispatcher_fixture f{few};
    CHECK(f.around.begin(f.restarted).reason == drop_reason::session_limit);
    CHECK(f.around.echoes(f.old));
}
