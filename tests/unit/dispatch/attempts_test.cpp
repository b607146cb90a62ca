#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;
using test::world;

namespace {

/// A world whose application accepts by hand, and one hello offered to it.
struct fixture {
    fixture()
    {
        around.listener.answer = dispatch::admission_action::offer;
        REQUIRE(around.begin(client).disposition == disposition::delivered);
        REQUIRE(around.listener.offers.size() == 1);
        offered = around.listener.offers.front();
    }
    world around;
    test::remote& client = around.add_client();
    std::shared_ptr<dispatch::connection> offered;
};

}  // namespace

TEST_CASE("An offered attempt costs no cryptography and counts as half-open")
{
    fixture f;
    CHECK(f.around.signatures == 0);
    CHECK(f.around.outgoing.empty());
    CHECK(f.around.counted().handshakes_started == 0);
    CHECK(f.around.counted().half_open == 1);
    CHECK(f.around.route(f.client.path(), f.client.sent.back()).disposition == disposition::delivered);
    CHECK(f.around.listener.offers.size() == 1);
    CHECK(f.around.listener.asked == 1);
}

TEST_CASE("An attempt can be accepted once, and then performs its handshake")
{
    fixture f;
    f.around.now += 10s;
    CHECK(f.around.server->accept(*f.offered, f.around.now, f.around));
    CHECK_FALSE(f.around.server->accept(*f.offered, f.around.now, f.around));
    CHECK(f.around.counted().handshakes_started == 1);
    f.around.settle();
    CHECK(f.client.connected());
    CHECK(f.around.session_of(f.client) == f.offered);
    CHECK(f.around.echoes(f.client));
}

TEST_CASE("RFC 5246 7.2.2: a refused attempt is answered with access_denied, in fewer bytes than it sent")
{
    fixture f;
    const auto sequence = wire::first_record(f.client.sent.back())->sequence;
    f.around.server->refuse(*f.offered, true, f.around);
    REQUIRE(f.around.outgoing.size() == 1);
    const auto record = wire::first_record(f.around.outgoing.front().second);
    REQUIRE(record);
    CHECK(record->is(wire::content_type::alert));
    CHECK(record->epoch == 0);
    CHECK(record->sequence == sequence);
    CHECK(std::ranges::equal(record->payload, test::make_octets({2, 49})));
    CHECK(f.around.outgoing.front().second.size() == record->whole.size());
    CHECK(f.around.server->size() == 0);
    REQUIRE(f.around.listener.ends.size() == 1);
    CHECK(f.around.listener.ends.front().why == close_reason::refused);
    CHECK_FALSE(f.around.server->accept(*f.offered, f.around.now, f.around));
}

TEST_CASE("An ignored attempt is removed without an answer")
{
    fixture f;
    f.around.server->refuse(*f.offered, false, f.around);
    f.around.server->refuse(*f.offered, true, f.around);
    CHECK(f.around.outgoing.empty());
    CHECK(f.around.server->size() == 0);
    CHECK(f.around.server->half_open() == 0);
    CHECK(f.around.listener.ends.size() == 1);
}

TEST_CASE("An accepted handshake can still be refused, an established session cannot")
{
    fixture f;
    CHECK(f.around.server->accept(*f.offered, f.around.now, f.around));
    SECTION("refused during the handshake")
    {
        f.around.server->refuse(*f.offered, false, f.around);
        CHECK(f.around.server->size() == 0);
    }
    SECTION("refused after the handshake")
    {
        f.around.settle();
        f.around.server->refuse(*f.offered, true, f.around);
        CHECK(f.around.echoes(f.client));
    }
}

TEST_CASE("An attempt that the application does not answer expires with the handshake time-out")
{
    fixture f;
    f.around.pass(60'100ms);
    REQUIRE(f.around.listener.ends.size() == 1);
    CHECK(f.around.listener.ends.front().why == close_reason::handshake_timeout);
    CHECK(f.around.server->size() == 0);
    CHECK(f.around.outgoing.empty());
    CHECK_FALSE(f.around.server->accept(*f.offered, f.around.now, f.around));
}

TEST_CASE("An attempt that outlives its dispatcher is closed and has no effect")
{
    fixture f;
    f.around.server.reset();
    CHECK(f.offered->phase() == sessions::phase::closed);
    CHECK(f.offered->close_reason() == close_reason::server_stopped);
}
