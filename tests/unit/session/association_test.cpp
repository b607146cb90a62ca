#include "association_fixture.hpp"

#include <string>

using namespace quivive;
using namespace std::chrono_literals;
using record::opened_kind;
using sessions::close_reason;
using sessions::phase;
using test::octets;
using test::record_of;
using test::start;
using fixture = test::association_fixture;

TEST_CASE("Association: an offered association ignores repeats and expires with the handshake time-out")
{
    fixture f;
    CHECK(f.association.phase() == phase::offered);
    CHECK(f.feed(record_of(opened_kind::message, "x", 0)).consumed);
    CHECK(f.association.next_wake() == start + 60s);
    f.association.on_timer(start + 60s - 1ns, f.out);
    CHECK(f.association.phase() == phase::offered);
    f.pass_until(60s);
    CHECK(f.association.close_reason() == close_reason::handshake_timeout);
    CHECK(f.association.next_wake() == no_deadline);
    CHECK(f.out.datagrams.empty());
}

TEST_CASE("Association: the handshake time-out starts with the handshake")
{
    fixture f;
    f.begin(50s);
    CHECK(f.association.next_wake() == start + 110s);
    f.pass_until(110s - 1ns);
    CHECK(f.association.phase() == phase::handshaking);
    f.pass_until(110s);
    CHECK(f.association.close_reason() == close_reason::handshake_timeout);
}

TEST_CASE("Association: the handshake's own timer is called, and its retransmissions are counted")
{
    fixture f;
    f.begin();
    f.script.wake = start + 1s;
    CHECK(f.association.next_wake() == start + 1s);
    f.association.on_timer(start + 999ms, f.out);  // too early, without effect
    CHECK(f.script.timers == 0);
    f.association.on_timer(start + 1s, f.out);
    CHECK(f.script.timers == 1);
    CHECK(f.association.take_retransmissions() == 1);
    CHECK(f.association.take_retransmissions() == 0);
    f.script.repeats = 2;  // requested by the peer
    (void)f.feed(record_of(opened_kind::discarded), 2s);
    CHECK(f.association.take_retransmissions() == 2);
}

TEST_CASE("alerted_handshake_grace: a plaintext alert shortens the time-out once and ends nothing")
{
    fixture f;
    f.begin();
    f.script.answer = {.reason = drop_reason::plaintext_alert, .plaintext_fatal_alert = true};
    CHECK(f.feed(record_of(opened_kind::message, "", 0), 10s).reason == drop_reason::plaintext_alert);
    CHECK(f.association.next_wake() == start + 15s);
    (void)f.feed(record_of(opened_kind::message, "", 0), 14s);
    CHECK(f.association.next_wake() == start + 15s);  // never later again
    CHECK(f.association.phase() == phase::handshaking);
    SECTION("a handshake that completes within the grace is unaffected")
    {
        f.script.answer = {.consumed = true};
        f.script.status = tls::handshake_status::done;
        CHECK(f.feed(record_of(opened_kind::message), 14s).consumed);
        f.pass_until(100s);
        CHECK(f.association.is_open());
    }
    SECTION("a handshake that does not complete times out")
    {
        f.pass_until(15s);
        CHECK(f.association.close_reason() == close_reason::handshake_timeout);
    }
}

TEST_CASE("alerted_handshake_grace: an alert just before the time-out does not extend the handshake")
{
    fixture f;
    f.begin();
    f.script.answer.plaintext_fatal_alert = true;
    (void)f.feed(record_of(opened_kind::message, "", 0), 59s);
    CHECK(f.association.next_wake() == start + 60s);
}

TEST_CASE("Association: a failed handshake has its error and no deadline")
{
    fixture f;
    f.begin();
    f.script.status = tls::handshake_status::failed;
    (void)f.feed(record_of(opened_kind::message));
    CHECK(f.association.close_reason() == close_reason::handshake_failed);
    CHECK(f.association.handshake_error() == errc::certificate_rejected);
    CHECK(f.feed(record_of(opened_kind::message)).reason == drop_reason::session_closing);
    CHECK(f.association.next_wake() == no_deadline);
}

TEST_CASE("Association: the facts of the handshake are available once, after the Finished")
{
    fixture f;
    CHECK_FALSE(f.association.take_facts());
    f.establish(3s);
    CHECK(f.association.since() == start + 3s);
    CHECK(f.association.max_message_size() == 1'000);
    REQUIRE(f.association.take_facts());
    CHECK_FALSE(f.association.take_facts());
}

TEST_CASE("Association: records that arrived before the Finished are delivered after it, in order")
{
    fixture f;
    f.script.early = {record_of(opened_kind::message, "one"), record_of(opened_kind::discarded, "forged"),
                      record_of(opened_kind::message, "two")};
    f.establish();
    CHECK(f.association.take_received() == 2);
    CHECK(wire::as_text(f.association.messages().pop()->bytes()) == "one");
    CHECK(wire::as_text(f.association.messages().pop()->bytes()) == "two");
}

TEST_CASE("Association: a close_notify among the early records closes the association before the later ones")
{
    fixture f;
    f.script.early = {record_of(opened_kind::message, "one"), record_of(opened_kind::close_notify),
                      record_of(opened_kind::message, "two")};
    f.begin();
    f.script.status = tls::handshake_status::done;
    CHECK(f.feed(record_of(opened_kind::message)).consumed);
    CHECK(f.association.close_reason() == close_reason::peer_closed);
    CHECK(f.association.take_received() == 1);
}

TEST_CASE("idle_timeout counts from the last authentic record of any kind")
{
    fixture f;
    f.establish(1s);
    f.pass_until(290s);
    CHECK(f.feed(record_of(opened_kind::warning), 200s).consumed);
    CHECK(f.feed(record_of(opened_kind::discarded), 400s).reason == drop_reason::bad_record_mac);
    CHECK(f.feed(record_of(opened_kind::message, "", 0), 400s).reason == drop_reason::plaintext_on_session);
    f.pass_until(500s - 1ns);
    CHECK(f.association.is_open());
    f.pass_until(500s);
    CHECK(f.association.close_reason() == close_reason::idle_timeout);
    REQUIRE(f.out.datagrams.size() == 1);
    CHECK(f.out.datagrams.front() == octets{std::byte{0}});  // close_notify
}

TEST_CASE("RFC 6347 4.2.4: the last flight is retransmitted for a repeated Finished, limited by the interval")
{
    fixture f;
    f.establish();
    const auto repeat_at = [&](duration at) {
        f.out.datagrams.clear();
        CHECK(f.feed(record_of(opened_kind::repeated_finished), at).consumed);
        return f.out.datagrams.size();
    };
    CHECK(repeat_at(39ms) == 0);
    CHECK(repeat_at(40ms) == 1);
    CHECK(repeat_at(79ms) == 0);
    CHECK(repeat_at(80ms) == 1);
    CHECK(f.association.take_retransmissions() == 2);
}

TEST_CASE("repeat_burst limits the answers in a row to repeated Finisheds, with one a second after that")
{
    limits few;
    few.repeat_burst = 3;
    fixture f{few};
    f.establish();
    for (std::chrono::milliseconds at{40}; at <= 10s; at += 40ms)
        CHECK(f.feed(record_of(opened_kind::repeated_finished), at).consumed);
    CHECK(f.out.datagrams.size() == 3 + 9);
    f.out.datagrams.clear();
    for (std::chrono::milliseconds at = 60s; at < 61s; at += 40ms)
        (void)f.feed(record_of(opened_kind::repeated_finished), at);
    CHECK(f.out.datagrams.size() == 3);  // the burst is full again
}

TEST_CASE("RFC 6347 4.2.4: the last flight is kept for twice the MSL and no longer")
{
    limits lasting;
    lasting.idle_timeout = 0ms;
    fixture f{lasting};
    f.establish();
    CHECK(f.association.next_wake() == start + 240s);
    f.pass_until(240s - 1ns);
    (void)f.feed(record_of(opened_kind::repeated_finished), 239s);
    CHECK(f.out.datagrams.size() == 1);
    f.pass_until(240s);
    CHECK(f.association.next_wake() == no_deadline);
    (void)f.feed(record_of(opened_kind::repeated_finished), 241s);
    CHECK(f.out.datagrams.size() == 1);
    CHECK(f.association.is_open());
}

TEST_CASE("RFC 6347 4.2.4: data from the peer shortens the life of the last flight to ten more seconds")
{
    limits lasting;
    lasting.idle_timeout = 0ms;
    fixture f{lasting};
    f.establish();
    (void)f.feed(record_of(opened_kind::message, "through"), 5s);
    CHECK(f.association.next_wake() == start + 15s);
    (void)f.feed(record_of(opened_kind::message, "again"), 14s);
    CHECK(f.association.next_wake() == start + 15s);
    // A peer that sent data ahead of the server's Finished (RFC 7918) has lost that Finished.
    (void)f.feed(record_of(opened_kind::repeated_finished), 15s - 1ns);
    CHECK(f.out.datagrams.size() == 1);
    f.pass_until(15s);
    CHECK(f.association.next_wake() == no_deadline);
    (void)f.feed(record_of(opened_kind::repeated_finished), 16s);
    CHECK(f.out.datagrams.size() == 1);
    (void)f.feed(record_of(opened_kind::message, "on and on"), 17s);
    CHECK(f.association.next_wake() == no_deadline);
    CHECK(f.association.is_open());
}

TEST_CASE("last_flight_kept_after_data: the time that the last flight is kept after data from the peer")
{
    limits lasting;
    lasting.idle_timeout = 0ms;
    lasting.last_flight_kept_after_data = 3s;
    fixture f{lasting};
    f.establish();
    (void)f.feed(record_of(opened_kind::message, "through"), 5s);
    CHECK(f.association.next_wake() == start + 8s);
}

TEST_CASE("RFC 6347 4.2.4: data shortly before twice the MSL does not extend the life of the last flight")
{
    limits lasting;
    lasting.idle_timeout = 0ms;
    fixture f{lasting};
    f.establish();
    (void)f.feed(record_of(opened_kind::message, "late"), 239s);
    CHECK(f.association.next_wake() == start + 240s);
}

TEST_CASE("Association: the side that did not send the last flight retransmits nothing")
{
    fixture f;
    f.script.sends_last = false;
    f.establish();
    (void)f.feed(record_of(opened_kind::repeated_finished), 1s);
    CHECK(f.out.datagrams.empty());
    CHECK(f.association.next_wake() == start + 1s + f.limits.idle_timeout);
}

TEST_CASE("receive_queue: a queue full by messages, bytes or total bytes drops as receive_queue_full")
{
    limits few;
    SECTION("messages") { few.receive_queue_messages = 2; }
    SECTION("bytes") { few.receive_queue_bytes = 1'000; }
    SECTION("bytes of all sessions together") { few.receive_queue_bytes = 1'000'000; }
    fixture f{few};
    f.establish();
    const std::string text(500, 'x');
    CHECK(f.feed(record_of(opened_kind::message, text)).consumed);
    CHECK(f.feed(record_of(opened_kind::message, text)).consumed);
    CHECK(f.feed(record_of(opened_kind::message, text)).reason == drop_reason::receive_queue_full);
    CHECK(f.association.take_received() == 2);
    f.pool->recycle(f.association.messages().pop());
    CHECK(f.feed(record_of(opened_kind::message, text)).consumed);
    CHECK(f.association.is_open());
}
