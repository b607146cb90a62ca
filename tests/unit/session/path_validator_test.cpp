#include "session/path_validator.hpp"

#include "moved_peer.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using sessions::path_validator;
using test::at;
using test::challenge_size;
using test::moved_peer;
using test::start;
using test::terms_of;
using send_class = path_validator::send_class;

TEST_CASE("RFC 9853 5.5: data that uses up the limit leaves the bytes for another challenge")
{
    moved_peer m{60};
    REQUIRE(m.challenge(0ms));  // the challenge is lost
    CHECK_FALSE(m.may_send(100, send_class::data));
    unsigned left = 0;
    for (int i = 0; i < 180; ++i) left += m.may_send(1, send_class::data) ? 1U : 0U;
    CHECK(left == 60);
    CHECK(m.peer.next_wake() == start + duration{m.limits.path_check_timeout} / 3);
    CHECK_FALSE(m.challenge(333ms));
    const auto second = m.challenge(334ms);
    REQUIRE(second);
    m.peer.responded(*second);
    CHECK(m.peer.is_validated());
    CHECK(m.may_send(10'000, send_class::data));
}

TEST_CASE("RFC 9853 5.5: three challenges are sent while only a long answer is withheld")
{
    moved_peer m{60};
    for (const auto at : {0ms, 334ms, 667ms}) {
        CHECK_FALSE(m.may_send(100, send_class::data));
        CHECK(m.challenge(at));
    }
    CHECK_FALSE(m.challenge(999ms));
    CHECK(m.peer.next_wake() == start + m.limits.path_check_timeout);
}

TEST_CASE("RFC 9853 5.5: a challenge above the limit does not count and waits for bytes from the peer")
{
    moved_peer m{challenge_size};
    REQUIRE(m.may_send(3 * challenge_size - 1, send_class::answer));
    CHECK_FALSE(m.challenge(0ms));
    CHECK(m.peer.next_wake() == start + m.limits.path_check_timeout);  // no timer that is always due
    m.hear(challenge_size, 0ms);
    const auto first = m.peer.next_challenge(start + 500ms);
    REQUIRE(first);
    CHECK(m.peer.next_challenge(start + 500ms) == first);  // not sent yet
    CHECK(m.challenge(500ms) == first);
    CHECK(m.challenge(500ms) != first);
}

TEST_CASE("RFC 9146 6: a peer without the check is sent three times its bytes and no challenge")
{
    moved_peer m{60, 0};
    CHECK(m.may_send(180, send_class::data));
    CHECK_FALSE(m.may_send(1, send_class::data));
    CHECK_FALSE(m.challenge(0ms));
    CHECK(m.peer.next_wake() == no_deadline);
    CHECK_FALSE(m.peer.revert_unanswered(m.current, start + 1h));
    CHECK(m.current == at(2));
}

TEST_CASE("RFC 9853 5.4: a cookie that is wrong, from an earlier move or not sent yet validates no address")
{
    moved_peer m{60};
    const auto earlier = m.challenge(0ms);
    REQUIRE(earlier);
    m.move_to(at(3), 60, 250ms);
    const auto present = m.peer.next_challenge(start + 250ms);
    REQUIRE(present);
    CHECK(earlier != present);
    m.peer.responded(*earlier);
    m.peer.responded(*present);  // guessed before it was sent
    CHECK_FALSE(m.peer.is_validated());
    CHECK(m.challenge(250ms) == present);
    m.peer.responded(*present + 1);
    CHECK_FALSE(m.peer.is_validated());
    m.peer.responded(*present);
    CHECK(m.peer.is_validated());
}

TEST_CASE(
    "RFC 9146 6: a second move before validation keeps the last validated address and has its own limit")
{
    moved_peer m{1'000};
    m.move_to(at(3), 60, 250ms);
    CHECK(m.peer.validated(m.current) == at(1));
    CHECK_FALSE(m.may_send(181, send_class::answer));  // bytes that came from host 2 do not count
    CHECK(m.may_send(180, send_class::answer));
    CHECK_FALSE(m.peer.revert_unanswered(m.current, start + 1'249ms));
    CHECK(m.peer.revert_unanswered(m.current, start + 1'250ms));
    CHECK(m.current == at(1));
    CHECK(m.peer.is_validated());

    m.move_to(at(2), 60, 2s);
    m.move_to(at(1), 60, 3s);
    CHECK(m.peer.is_validated());  // back at the validated address
}

TEST_CASE("twenty moves in a row are followed, then one for each limits.move_interval")
{
    moved_peer m{60, 0};
    for (std::uint16_t port = 1; port < path_validator::max_moves_in_a_row; ++port)
        m.move_to(at(2, port), 60, 0ms);
    const auto moves = [&](std::uint8_t host, duration when) {
        return m.peer.follow(m.current, {at(host, 5), ++m.number, true}, start + when);
    };
    CHECK_FALSE(moves(3, 49ms));
    CHECK(moves(3, 50ms));
    CHECK_FALSE(moves(4, 99ms));
    CHECK(moves(4, 100ms));
    m.move_to(at(1), 60, 100ms);  // a move to the validated address is always followed
    CHECK_FALSE(moves(4, 101ms));
    unsigned followed = 0;
    for (std::uint8_t host = 10; host < 50; ++host) followed += moves(host, 1h) ? 1U : 0U;
    CHECK(followed == path_validator::max_moves_in_a_row);
}

TEST_CASE("move_interval = 0: the number of moves is not limited")
{
    moved_peer m{60, 0};
    m.limits.move_interval = 0ms;
    m.peer = path_validator{{1, 2}, 0, m.limits, at(1).peer};
    m.peer.use(terms_of({}));
    for (std::uint16_t port = 1; port < 1'000; ++port) m.move_to(at(2, port), 60, 0ms);
}

TEST_CASE(
    "RFC 9146 6: a record that moved a session and then arrives on the validated path takes the move back")
{
    moved_peer m{60};
    const auto led_away = m.number;
    m.hear(60, 1ms);
    CHECK_FALSE(m.peer.is_undone_by(at(1), led_away - 1));  // arrived before the move
    CHECK_FALSE(m.peer.is_undone_by(at(1, 7), led_away));
    CHECK(m.peer.is_undone_by(at(1), led_away));
    CHECK(m.peer.is_undone_by(at(1), led_away + 1));
    SECTION("also after a further move") { m.move_to(at(3), 60, 2ms); }
    CHECK(m.peer.is_undone_by(at(1), led_away));
    m.peer.undo(m.current, start + 3ms);
    CHECK(m.current == at(1));
    CHECK(m.peer.is_validated());
    CHECK(m.peer.take_undone() == 1);
    CHECK(m.peer.take_undone() == 0);
    CHECK_FALSE(m.peer.is_undone_by(at(1), led_away));
    CHECK_FALSE(m.peer.follow(m.current, {at(2), 99, true}, start + 3ms + path_validator::move_pause - 1ms));
    CHECK(m.peer.follow(m.current, {at(2), 100, true}, start + 3ms + path_validator::move_pause));
}
