#include "session/roaming.hpp"

#include "association_fixture.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using sessions::roaming;
using test::start;
using cargo = roaming::cargo;

namespace {

constexpr std::size_t challenge_size = 46;

wire::path at_port(std::uint16_t port)
{
    return {wire::endpoint::v4({}, 4433), wire::endpoint::v4({std::byte{10}}, port), 0};
}

/// A peer that was at port 1, and has sent a record of so many bytes from port 2.
struct moved_peer {
    explicit moved_peer(std::size_t bytes, std::size_t of_challenge = challenge_size)
        : peer{{1, 2}, of_challenge, limits}
    {
        move_to(2, bytes, 0ms);
    }
    void move_to(std::uint16_t port, std::size_t bytes, duration at)
    {
        REQUIRE(peer.follow(current, at_port(port), true, start + at));
        peer.received(bytes);
    }
    /// Asks for a challenge, and sends it.
    std::optional<std::uint64_t> challenge(duration at)
    {
        const auto cookie = peer.next_challenge(start + at);
        if (cookie) CHECK(peer.may_send(challenge_size, cargo::challenge));
        return cookie;
    }

    quivive::limits limits;
    wire::path current = at_port(1);
    roaming peer;
};

}  // namespace

TEST_CASE("RFC 9853 5.5: data that uses up the allowance leaves what is needed to ask again")
{
    moved_peer m{60};
    REQUIRE(m.challenge(0ms));  // is lost
    CHECK_FALSE(m.peer.may_send(100, cargo::data));
    unsigned left = 0;
    for (int i = 0; i < 180; ++i) left += m.peer.may_send(1, cargo::data) ? 1U : 0U;
    CHECK(left == 60);
    CHECK(m.peer.next_wake() == start + duration{m.limits.path_check_timeout} / 3);
    CHECK_FALSE(m.challenge(333ms));
    const auto second = m.challenge(334ms);
    REQUIRE(second);
    m.peer.responded(*second);
    CHECK_FALSE(m.peer.in_doubt());
    CHECK(m.peer.may_send(10'000, cargo::data));
}

TEST_CASE("RFC 9853 5.5: while nothing but a long answer is withheld, three challenges go out")
{
    moved_peer m{60};
    for (const auto at : {0ms, 334ms, 667ms}) {
        CHECK_FALSE(m.peer.may_send(100, cargo::data));
        CHECK(m.challenge(at));
    }
    CHECK_FALSE(m.challenge(999ms));
    CHECK(m.peer.next_wake() == start + m.limits.path_check_timeout);
}

TEST_CASE("RFC 9853 5.5: a challenge that must not leave counts as none, and waits for the peer")
{
    moved_peer m{challenge_size};
    REQUIRE(m.peer.may_send(3 * challenge_size - 1, cargo::answer));
    CHECK_FALSE(m.challenge(0ms));
    CHECK(m.peer.next_wake() == start + m.limits.path_check_timeout);  // no timer that is always due
    m.peer.received(challenge_size);
    const auto first = m.peer.next_challenge(start + 500ms);
    REQUIRE(first);
    CHECK(m.peer.next_challenge(start + 500ms) == first);  // has not left yet, either
    CHECK(m.challenge(500ms) == first);
    CHECK(m.challenge(500ms) != first);
}

TEST_CASE("RFC 9146 6: a peer that does not know the check is sent three times its bytes, and asked nothing")
{
    moved_peer m{60, 0};
    CHECK(m.peer.may_send(180, cargo::data));
    CHECK_FALSE(m.peer.may_send(1, cargo::data));
    CHECK_FALSE(m.challenge(0ms));
    CHECK(m.peer.next_wake() == no_deadline);
    CHECK_FALSE(m.peer.give_up(m.current, start + 1h));
    CHECK(m.current == at_port(2));
}

TEST_CASE(
    "RFC 9853 5.4: neither a wrong cookie nor one of an earlier move nor one not sent yet proves an address")
{
    moved_peer m{60};
    const auto earlier = m.challenge(0ms);
    REQUIRE(earlier);
    m.move_to(3, 60, 250ms);
    const auto present = m.peer.next_challenge(start + 250ms);
    REQUIRE(present);
    CHECK(earlier != present);
    m.peer.responded(*earlier);
    m.peer.responded(*present);  // known, by a miracle, before it has left
    CHECK(m.peer.in_doubt());
    CHECK(m.challenge(250ms) == present);
    m.peer.responded(*present + 1);
    CHECK(m.peer.in_doubt());
    m.peer.responded(*present);
    CHECK_FALSE(m.peer.in_doubt());
}

TEST_CASE(
    "RFC 9146 6: a second move while in doubt keeps the address last proven, and has an allowance of its own")
{
    moved_peer m{1'000};
    m.move_to(3, 60, 250ms);
    CHECK(m.peer.proven(m.current) == at_port(1));
    CHECK_FALSE(m.peer.may_send(181, cargo::answer));  // nothing of what came from port 2
    CHECK(m.peer.may_send(180, cargo::answer));
    CHECK_FALSE(m.peer.give_up(m.current, start + 1'249ms));
    CHECK(m.peer.give_up(m.current, start + 1'250ms));
    CHECK(m.current == at_port(1));
    CHECK_FALSE(m.peer.in_doubt());

    m.move_to(2, 60, 2s);
    m.move_to(1, 60, 3s);
    CHECK_FALSE(m.peer.in_doubt());  // home again
}
