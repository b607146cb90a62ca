// Sending to a moved client that does not support the return routability check (`connection_ids.moves`).
#include "unit/dispatch/mobile.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t answer = 1'100;  // the world's MTU is 1 200
constexpr unsigned elsewhere_host = 9;

struct uncheckable : mobile {
    explicit uncheckable(world& in, const connection_id_policy& policy = {.enabled = true},
                         const std::vector<network>& shared = {})
        : mobile{in, 0, policy, shared}
    {
        forget_path_checks();
    }
    /// Asks that many questions, one a second, and returns how many are answered.
    int answered(int questions)
    {
        int sum = 0;
        for (int i = 0; i < questions; ++i, around.pass(1s)) sum += asks(answer) == answer ? 1 : 0;
        return sum;
    }
};

connection_id_policy ids_with(move_policy moves, std::vector<move_rule> rules = {})
{
    return {.enabled = true, .moves = moves, .rules = std::move(rules)};
}

}  // namespace

TEST_CASE("after a change of its port a client receives all long answers to short questions")
{
    world around;
    uncheckable m{around};
    m.client->move_to(2'000);
    CHECK(m.answered(12) == 12);
    CHECK(around.counted().datagrams_withheld == 0);
    CHECK(around.counted().sessions_moved == 1);
}

TEST_CASE("after a change of its address a client receives its long answers from the fourth second on")
{
    world around;
    uncheckable m{around};
    m.client->move_to(2'000, elsewhere_host);
    CHECK(m.answered(4) == 1);  // at 3 s
    CHECK(m.answered(12) == 12);
}

TEST_CASE("with moves = limited most long answers to short questions are withheld after a move")
{
    world around;
    uncheckable m{around, ids_with(move_policy::limited)};
    m.client->move_to(2'000);
    CHECK(m.answered(12) == 3);
    CHECK(m.answered(1) == 0);
    CHECK(around.counted().datagrams_withheld == 10 - 1);  // the last one is counted with the next record
}

TEST_CASE("in shared_networks a change of the port is limited like a change of the address")
{
    world around;
    uncheckable m{around, {.enabled = true}, {network::parse("10.0.0.0/8").value()}};
    m.client->move_to(2'000);
    CHECK(m.answered(4) == 1);
    CHECK(m.answered(12) == 12);
}

TEST_CASE("the rule for the client's new network decides how much is sent there")
{
    world around;
    const auto trusted = network::parse("10.0.0.9").value();
    uncheckable m{around, ids_with(move_policy::limited, {{{trusted}, move_policy::trusted}})};
    m.client->move_to(2'000, elsewhere_host);
    CHECK(m.answered(6) == 6);
    // That is now the session's validated address. At other addresses the default applies.
    CHECK(around.server->save(*m.session, around.now)->path == m.session->path());
    m.client->move_to(2'000, 10);
    CHECK(m.answered(6) < 2);
}

TEST_CASE("a reload of the move rules applies from a session's next move on")
{
    world around;
    uncheckable m{around, ids_with(move_policy::limited)};
    m.client->move_to(2'000);
    CHECK(m.answered(4) < 2);
    around.terms.moves =
        std::make_shared<const gate::move_rules>(ids_with(move_policy::trusted), std::vector<network>{});
    around.server->use(around.terms);
    CHECK(m.answered(4) < 2);
    m.client->move_to(3'000);
    CHECK(m.answered(4) == 4);
}

TEST_CASE("a session on an unvalidated path is limited by its own rate and by the total rate")
{
    quivive::limits limits;
    limits.unvalidated_bytes_per_second = 10'000;
    limits.unvalidated_bytes_per_second_total = 15'000;
    world around{limits};
    uncheckable one{around};
    auto& second = around.connect(2);
    const auto other = around.session_of(second);
    REQUIRE(other);
    one.client->move_to(2'000);
    CHECK(one.asks(answer) == answer);
    const auto floods = [&](dispatch::connection& session, duration time) {
        std::size_t sent = 0;
        for (const auto end = around.now + time; around.now < end; around.pass(10ms)) {
            around.outgoing.clear();
            for (int i = 0; i < 10; ++i)
                (void)around.server->send(session, wire::as_bytes(std::string(answer, 'a')), around.now,
                                          around);
            for (const auto& [path, datagram] : around.outgoing) sent += datagram.size();
        }
        return sent;
    };
    const auto sent = floods(*one.session, 2s);
    CHECK(sent <= 3 * 10'000);
    CHECK(sent >= 2 * 10'000 - 2'000);
    // The limit does not apply to a session that has not moved.
    CHECK(floods(*other, 100ms) > 100 * answer);
}

TEST_CASE("a client whose port changes with every datagram receives all its answers")
{
    world around;
    SECTION("a burst of changes")
    {
        uncheckable m{around};
        for (std::uint16_t port = 2'000; port < 2'000 + sessions::path_validator::max_moves_in_a_row;
             ++port) {
            m.client->move_to(port);
            CHECK(m.asks(answer) == answer);
        }
    }
    SECTION("a change every 50 ms for a minute")
    {
        uncheckable m{around};
        for (std::uint16_t port = 2'000; port < 2'000 + 20 * 60; ++port) {
            m.client->move_to(port);
            CHECK(m.asks(answer) == answer);
            around.pass(50ms);
        }
    }
    SECTION("a change every 50 ms with the path check")
    {
        mobile m{around};
        for (std::uint16_t port = 2'000; port < 2'000 + 20 * 60; ++port) {
            m.client->move_to(port);
            CHECK(m.asks(answer) == answer);
            around.pass(50ms);
        }
    }
    SECTION("a change every 50 ms at another address, after its first three seconds")
    {
        uncheckable m{around};
        for (std::uint16_t port = 2'000; port < 2'000 + 20 * 10; ++port) {
            m.client->move_to(port, elsewhere_host);
            const auto got = m.asks(answer);
            if (port >= 2'000 + 20 * 3) CHECK(got == answer);
            around.pass(50ms);
        }
    }
    CHECK(around.counted().moves_undone == 0);
}
