#include "session/path_validator.hpp"

#include "moved_peer.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using sessions::path_validator;
using test::at;
using test::challenge_size;
using test::moved_peer;
using test::terms_of;

namespace {
constexpr std::size_t rate = quivive::limits{}.unvalidated_bytes_per_second;
}

TEST_CASE("moves = limited: three times the received bytes is the limit at any address and port")
{
    moved_peer m{60, 0, {.moves = move_policy::limited}};
    for (int i = 1; i <= 10; ++i) m.hear(60, i * 1s);
    CHECK(m.sendable(60, 10s) == 3 * 11 * 60);
    m.move_to(at(1, 2'000), 60, 11s);
    CHECK(m.sendable(60, 11s) == 3 * 60);
}

TEST_CASE("moves = trusted: a move validates the address and has no limit")
{
    const auto any = network::parse("10.0.0.2").value();
    moved_peer m{
        60, challenge_size, {.moves = move_policy::limited, .rules = {{{any}, move_policy::trusted}}}};
    CHECK(m.peer.is_validated());
    CHECK_FALSE(m.challenge(0ms));
    m.move_to(at(3), 60, 1s);
    CHECK(m.peer.validated(m.current) == at(2));
    CHECK(m.sendable(1, 1s) <= 3 * 60);
}

TEST_CASE("moves = sustained: another port of the same address is limited by the rate only")
{
    moved_peer m{60, 0};
    m.move_to(at(1), 60, 0ms);
    m.move_to(at(1, 2'000), 60, 0ms);
    CHECK_FALSE(m.peer.is_validated());
    const auto at_once = m.sendable(1'300, 0ms);
    CHECK(at_once > rate - 1'300);
    CHECK(at_once <= rate);
    CHECK(m.sendable(1'300, 0ms) == 0);
    const auto later = m.sendable(1'300, 500ms);
    CHECK(later > rate / 2 - 2 * 1'300);
    CHECK(later <= rate / 2 + 1'300);
    m.move_to(at(1, 3'000), 60, 500ms);  // refills nothing
    CHECK(m.sendable(1'300, 500ms) == 0);
}

TEST_CASE("moves = sustained: in shared_networks the evidence counts for each port by itself")
{
    moved_peer m{60, 0};
    m.peer.use(terms_of({}, {network::parse("10.0.0.0/30").value()}));
    m.move_to(at(1), 60, 0ms);
    m.move_to(at(1, 2'000), 60, 0ms);
    CHECK(m.sendable(60, 0ms) == 180);
    m.move_to(at(2, 2'000), 60, 0ms);
    m.move_to(at(2, 3'000), 60, 3s);  // other ports of the address do not add to it
    m.hear(60, 3s);
    m.hear(60, 4s);
    CHECK(m.sendable(60, 4s) == 3 * 180);
}

TEST_CASE("moves = sustained: another address gets the rate after newest records in three datagrams over 3 s")
{
    moved_peer m{60, 0};
    SECTION("before that three times its bytes")
    {
        m.hear(60, 1s);
        m.hear(60, 2'999ms);
        CHECK(m.sendable(60, 2'999ms) == 3 * 180);
        m.hear(60, 3s);
        CHECK(m.sendable(1'300, 3s) > rate - 2 * 1'300);
    }
    SECTION("from any port of the address")
    {
        m.move_to(at(2, 2'000), 60, 1s);
        m.move_to(at(2, 3'000), 60, 3s);
        CHECK(m.sendable(1'300, 3s) > rate - 2 * 1'300);
    }
    SECTION("two datagrams are too few")
    {
        for (int i = 0; i < 5; ++i) m.hear(60, 3s);
        CHECK(m.sendable(60, 3s) == 3 * 6 * 60);
    }
    SECTION("older records do not count")
    {
        for (int i = 1; i <= 5; ++i) m.hear(60, i * 1s, false);
        CHECK(m.sendable(60, 5s) == 3 * 6 * 60);
    }
    SECTION("records before a move in between do not count")
    {
        m.hear(60, 2s);
        m.move_to(at(3), 60, 2'500ms);
        m.move_to(at(2), 60, 3s);
        m.hear(60, 4s);
        CHECK(m.sendable(60, 4s) == 3 * 120);
    }
    CHECK_FALSE(m.peer.is_validated());  // whatever arrives
}

TEST_CASE("moves = sustained: bytes within three times the received ones use up the rate, and the reverse")
{
    moved_peer m{60, 0};
    m.move_to(at(1), 60, 0ms);
    m.move_to(at(1, 2'000), rate, 0ms);
    CHECK(m.sendable(1'000, 0ms) == 3 * rate);  // three times the bytes is more, and applies
    m.hear(400, 0ms);
    CHECK(m.sendable(1'300, 0ms) == 0);  // 1 200 by three times the bytes; the rate is used up
    CHECK(m.sendable(1'300, 1s) <= rate + 1'300);
}

TEST_CASE("all sessions on unvalidated paths share limits.unvalidated_bytes_per_second_total")
{
    const auto terms = terms_of({}, {}, rate + rate / 2);
    moved_peer one{60, 0}, other{60, 0};
    for (auto* each : {&one, &other}) {
        each->peer.use(terms);
        each->move_to(at(1), 60, 0ms);
        each->move_to(at(1, 2'000), 60, 0ms);
    }
    CHECK(one.sendable(1'000, 0ms) == rate / 1'000 * 1'000);
    CHECK(other.sendable(1'000, 0ms) == rate / 2 / 1'000 * 1'000);
    CHECK(other.sendable(1'000, 1s) > 0);
}
