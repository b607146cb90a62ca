#include "association_fixture.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using record::opened_kind;
using sessions::close_reason;
using sessions::phase;
using test::octets;
using test::record_of;
using test::start;
using fixture = test::association_fixture;

TEST_CASE("RFC 5246 7.2.1: the peer's close_notify is answered, and earlier messages can still be read")
{
    fixture f;
    f.establish();
    CHECK(f.feed(record_of(opened_kind::message, "last words")).consumed);
    CHECK(f.feed(record_of(opened_kind::close_notify)).consumed);
    CHECK(f.association.phase() == phase::closed);
    CHECK(f.association.close_reason() == close_reason::peer_closed);
    REQUIRE(f.out.datagrams.size() == 1);
    CHECK(f.out.datagrams.front() == octets{std::byte{0}});
    CHECK(wire::as_text(f.association.messages().front().bytes()) == "last words");
}

TEST_CASE("RFC 5246 7.2.1: close_notify is sent once, and the first close reason is kept")
{
    fixture f;
    f.establish();
    f.association.close(close_reason::closed_here, start + 10s, f.out);
    f.association.close(close_reason::server_stopped, start + 11s, f.out);
    CHECK(f.association.phase() == phase::closing);
    CHECK(f.out.datagrams.size() == 1);
    CHECK(f.association.next_wake() == start + 12s);
    SECTION("the peer answers") { CHECK(f.feed(record_of(opened_kind::close_notify), 11s).consumed); }
    SECTION("the peer answers with an alert")
    {
        CHECK(f.feed(record_of(opened_kind::fatal_alert), 11s).consumed);
    }
    SECTION("the peer is silent") { f.pass_until(12s); }
    SECTION("there is no time to wait")
    {
        f.association.close_now(close_reason::server_stopped, start, f.out);
    }
    CHECK(f.association.phase() == phase::closed);
    CHECK(f.association.close_reason() == close_reason::closed_here);
    CHECK(f.out.datagrams.size() == 1);
}

TEST_CASE("Association: a closing association drops data as session_closing")
{
    fixture f;
    f.establish();
    f.association.close(close_reason::closed_here, start, f.out);
    CHECK(f.feed(record_of(opened_kind::message, "late")).reason == drop_reason::session_closing);
    CHECK(f.association.messages().empty());
}

TEST_CASE("Association: an authentic fatal alert ends the association without an answer")
{
    fixture f;
    f.establish();
    CHECK(f.feed(record_of(opened_kind::fatal_alert)).consumed);
    CHECK(f.association.close_reason() == close_reason::peer_alert);
    CHECK(f.out.datagrams.empty());
}

TEST_CASE("Association: a warning or a refused renegotiation changes nothing")
{
    fixture f;
    f.establish();
    CHECK(f.feed(record_of(opened_kind::warning)).consumed);
    CHECK(f.feed(record_of(opened_kind::renegotiation)).consumed);
    CHECK(f.association.is_open());
    CHECK(f.association.messages().empty());
}

TEST_CASE(
    "Association: an end with notice sends close_notify at once, and an end without notice sends nothing")
{
    fixture f;
    f.establish();
    SECTION("with notice")
    {
        f.association.close_now(close_reason::server_stopped, start, f.out);
        CHECK(f.out.datagrams.size() == 1);
        CHECK(f.association.close_reason() == close_reason::server_stopped);
    }
    SECTION("without notice")
    {
        f.association.abort(close_reason::replaced);
        CHECK(f.out.datagrams.empty());
        CHECK(f.association.close_reason() == close_reason::replaced);
    }
    CHECK(f.association.phase() == phase::closed);
    const auto why = f.association.close_reason();
    f.association.close(close_reason::closed_here, start, f.out);
    f.association.close_now(close_reason::closed_here, start, f.out);
    f.association.abort(close_reason::closed_here);
    CHECK(f.association.close_reason() == why);
}

TEST_CASE("Association: closing a handshake sends no datagram")
{
    fixture f;
    f.begin();
    f.association.close(close_reason::server_stopped, start, f.out);
    CHECK(f.association.phase() == phase::closed);
    CHECK(f.association.close_reason() == close_reason::server_stopped);
    CHECK(f.out.datagrams.empty());
}

TEST_CASE("Association: a message is sent to the peer")
{
    fixture f;
    f.establish();
    CHECK(f.association.send(wire::as_bytes("hello"), start, f.out) == record::sealed::sent);
    CHECK(wire::as_text(f.out.datagrams.back()) == "hello");
}

TEST_CASE(
    "RFC 9147 4.5.3: a key at its AEAD usage limit ends the session with close_notify after the last record")
{
    fixture f;
    f.establish();
    f.out.datagrams.clear();
    f.script.wears_out = true;
    const auto kind = GENERATE(opened_kind::message, opened_kind::discarded);
    (void)f.feed(record_of(kind, "last"));
    CHECK(f.association.phase() == phase::closed);
    CHECK(f.association.close_reason() == close_reason::sequence_exhausted);
    REQUIRE(f.out.datagrams.size() == 1);
    CHECK(f.out.datagrams.front() == test::make_octets({0}));  // close_notify
}
