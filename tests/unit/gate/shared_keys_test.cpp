#include "gate/shared_keys.hpp"

#include "gate/gate.hpp"
#include "gate/make_cookie_keys.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "tls/cookies.hpp"
#include "unit/gate/counting_cookies.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#if !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace std::chrono_literals;

namespace {

using wall_time = std::chrono::system_clock::time_point;

constexpr auto period = 30s;
const wall_time slot_begin{period * 59'000'000};  // a day in 2026

const secret ours = secret::from_hex("000102030405060708090a0b0c0d0e0f").value();
const secret theirs = secret::from_hex("000102030405060708090a0b0c0d0e10").value();

/// A node with its own clock.
struct node {
    explicit node(const secret& shared = ours, duration every = period) : node{std::vector{shared}, every} {}
    explicit node(const std::vector<secret>& shared, duration every = period)
        : gate{std::make_shared<const gate::rule_table>(cookie_policy{}), tls::make_gnutls_cookies(),
               gate::make_cookie_keys(
                   every, shared, [](std::span<std::byte>) {}, [this] { return wall; }, {})}
    {
    }

    /// Returns the cookie that the node issues to a client at this time.
    test::octets cookie_at(wall_time when)
    {
        wall = when;
        tls::hello_verify_request answer;
        const auto datagram = hello.record();
        REQUIRE(gate.challenge(view(datagram), {}, {}, answer));
        return {answer.end() - 16, answer.end()};
    }
    bool accepts(const test::octets& cookie, wall_time when)
    {
        wall = when;
        auto with_cookie = hello;
        with_cookie.cookie = cookie;
        const auto datagram = with_cookie.record();
        return gate.evaluate(view(datagram), {}, false, {}).validated;
    }
    static wire::client_hello_view view(const test::octets& datagram)
    {
        return std::get<wire::client_hello_view>(
            wire::read_client_hello(wire::first_record(datagram).value()));
    }

    test::hello_builder hello;
    wall_time wall = slot_begin;
    gate::gate gate;
};

}  // namespace

TEST_CASE("Shared secret: a node accepts the cookies of another node, also of one that started later")
{
    node one;
    const auto cookie = one.cookie_at(slot_begin + 10s);
    node other;
    CHECK(other.accepts(cookie, slot_begin + 11s));
    CHECK(one.accepts(cookie, slot_begin + 11s));
}

TEST_CASE("Shared secret: a cookie is accepted for at least one period, across the boundary of its slot")
{
    node one, other;
    const auto cookie = one.cookie_at(slot_begin + period - 1ms);
    CHECK(other.accepts(cookie, slot_begin + period));
    CHECK(other.accepts(cookie, slot_begin + 2 * period - 1ms));
}

TEST_CASE("Shared secret: a clock that is one slot ahead or behind is tolerated for a cookie's lifetime")
{
    node one, other;
    for (const auto skew : {period, -period}) {
        for (const auto issued : {slot_begin, slot_begin + period - 1ms}) {
            const auto cookie = one.cookie_at(issued);
            CHECK(other.accepts(cookie, issued + skew));
        }
    }
    // The clock is one slot behind, the cookie signed in the slot's last moment and returned after most of a
    // period.
    const auto cookie = one.cookie_at(slot_begin - 1ms);
    CHECK(other.accepts(cookie, slot_begin + 2 * period - 1ms));
}

TEST_CASE("Shared secret: a cookie that is too old or more than one slot in the future is refused")
{
    node one, other;
    const auto cookie = one.cookie_at(slot_begin);
    CHECK(other.accepts(cookie, slot_begin + 3 * period - 1ms));
    CHECK_FALSE(other.accepts(cookie, slot_begin + 3 * period));
    CHECK(other.accepts(cookie, slot_begin - 1ms));
    CHECK_FALSE(other.accepts(cookie, slot_begin - period - 1ms));
}

TEST_CASE("Shared secret: a cookie of another secret or another period is refused")
{
    node one, unknown_peer{theirs}, other_period{ours, 31s};
    const auto cookie = one.cookie_at(slot_begin);
    CHECK_FALSE(unknown_peer.accepts(cookie, slot_begin));
    CHECK_FALSE(other_period.accepts(cookie, slot_begin));
}

TEST_CASE("Shared secret: cookies are accepted after the wall clock is set forward and back")
{
    node one;
    const auto cookie = one.cookie_at(slot_begin);
    CHECK_FALSE(one.accepts(cookie, slot_begin + 24h));
    CHECK(one.accepts(cookie, slot_begin));
}

TEST_CASE("Shared secret: every slot has its own key")
{
    wall_time wall = slot_begin;
    gate::shared_keys keys{std::span{&ours, 1}, period, [&] { return wall; }};
    std::set<tls::cookie_key> seen;
    for (int i = 0; i < 100; ++i, wall += period) {
        REQUIRE(keys.refresh({}));
        seen.insert(keys.live().front());
        CHECK(std::set<tls::cookie_key>(keys.live().begin(), keys.live().end()).size() == keys.live().size());
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("Shared secret: the key of a slot is derived by RFC 5869, in the same way in every version")
{
    gate::shared_keys keys{std::span{&ours, 1}, period, [] { return slot_begin; }};
    REQUIRE(keys.refresh({}));
    // Computed by another implementation of HMAC-SHA256: salt "quivive cookie key 1"; info 59000000 and
    // 30000, each as 8 bytes.
    const auto expected = secret::from_hex("a3d73bfcb6b8c79a57ce9e1fcb57cf1a").value();
    CHECK(std::ranges::equal(keys.live().front(), expected.bytes()));
}

TEST_CASE("Shared secret: without a clock no key is used, and the next call tries again")
{
    bool broken = true;
    gate::shared_keys keys{std::span{&ours, 1}, period, [&] {
                               if (broken) throw std::runtime_error{"no clock"};
                               return slot_begin;
                           }};
    CHECK_FALSE(keys.refresh({}));
    broken = false;
    CHECK(keys.refresh({}));
    broken = true;
    CHECK_FALSE(keys.refresh({}));
}

TEST_CASE("Shared secret: the first of several secrets signs, with the same keys as if it were the only one")
{
    gate::shared_keys alone{std::span{&ours, 1}, period, [] { return slot_begin; }};
    const std::vector both{ours, theirs};
    gate::shared_keys first_of_two{both, period, [] { return slot_begin; }};
    REQUIRE(alone.refresh({}));
    REQUIRE(first_of_two.refresh({}));
    CHECK(alone.live().size() == 4);
    CHECK(first_of_two.live().size() == 8);
    CHECK(first_of_two.live().front() == alone.live().front());
    const std::set<tls::cookie_key> all(first_of_two.live().begin(), first_of_two.live().end());
    CHECK(all.size() == 8);
    for (const auto& key : alone.live()) CHECK(all.contains(key));
}

TEST_CASE("Shared secret: two nodes accept each other's cookies at each step of a secret rotation")
{
    const std::vector only_old{ours}, added{ours, theirs}, moved{theirs, ours}, only_new{theirs};
    const std::vector<std::pair<std::vector<secret>, std::vector<secret>>> steps{
        {only_old, only_old}, {added, only_old}, {added, added},      {moved, added},
        {moved, moved},       {only_new, moved}, {only_new, only_new}};
    for (const auto& [one, other] : steps) {
        node a{one}, b{other};
        for (const auto slot : {0, 1, 2}) {
            const auto when = slot_begin + slot * period;
            CHECK(b.accepts(a.cookie_at(slot_begin), when));
            CHECK(a.accepts(b.cookie_at(slot_begin), when));
        }
    }
    // A skipped step makes nodes refuse cookies.
    node before{only_old}, too_early{moved}, gone{only_new};
    CHECK_FALSE(before.accepts(too_early.cookie_at(slot_begin), slot_begin));
    CHECK_FALSE(gone.accepts(before.cookie_at(slot_begin), slot_begin));
}

TEST_CASE("Shared secret: a wrong cookie costs at most eight HMACs for any number of secrets")
{
    std::vector<secret> secrets;
    for (int i = 1; i <= 4; ++i) {
        secrets.emplace_back(std::vector<std::byte>(32, static_cast<std::byte>(i)));
        test::cookie_calls calls;
        gate::gate gate{test::rules({}), std::make_unique<test::counting_cookies>(calls),
                        gate::make_cookie_keys(
                            period, secrets, [](std::span<std::byte>) {}, [] { return slot_begin; }, {})};
        test::hello_builder hello;
        hello.cookie = test::octets(16, std::byte{7});
        const auto datagram = hello.record();
        CHECK_FALSE(gate.evaluate(node::view(datagram), {}, false, {}).validated);
        CHECK(calls.verified == (i == 1 ? 4U : 8U));
    }
}

TEST_CASE("Shared secret: a third secret is ignored")
{
    node third{theirs};
    const secret another{std::vector<std::byte>(32, std::byte{1})};
    node of_three{std::vector{ours, another, theirs}};
    CHECK_FALSE(of_three.accepts(third.cookie_at(slot_begin), slot_begin));
    node second{another};
    CHECK(of_three.accepts(second.cookie_at(slot_begin), slot_begin));
}

TEST_CASE("Without a shared secret each process generates two random keys")
{
    unsigned char drawn = 0;
    const auto random = [&](std::span<std::byte> key) { std::ranges::fill(key, std::byte{++drawn}); };
    const auto keys = gate::make_cookie_keys(period, {}, random, {}, {});
    CHECK(keys->live().size() == 2);
    CHECK(drawn == 2);
}

#endif
