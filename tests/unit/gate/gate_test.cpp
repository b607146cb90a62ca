#include "gate/gate.hpp"

#include "counting_cookies.hpp"
#include "gate/build.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"

#include <algorithm>

using namespace quivive;
using namespace std::chrono_literals;
using gate::action;
using test::hello_builder;
using test::octets;

namespace {

const time_point start{1h};
const wire::path path{};

cookie_policy policy_of(cookie_exchange exchange)
{
    return {.exchange = exchange, .trust_all_networks = true};
}

/// A gate with counting cookies and functions that pass a datagram to it.
struct fixture {
    explicit fixture(cookie_exchange exchange = cookie_exchange::always)
        : gate{test::rules(policy_of(exchange)), std::make_unique<test::counting_cookies>(calls),
               std::make_unique<gate::key_ring>(30s, test::numbered_keys{}, start)}
    {
    }

    gate::verdict evaluate(const octets& datagram, time_point now = start, bool high_load = false)
    {
        return gate.evaluate(view(datagram), path, high_load, now);
    }
    bool challenge(const octets& datagram, time_point now = start)
    {
        return gate.challenge(view(datagram), path, now, answer);
    }
    static wire::client_hello_view view(const octets& datagram)
    {
        return std::get<wire::client_hello_view>(
            wire::read_client_hello(wire::first_record(datagram).value()));
    }

    test::cookie_calls calls;
    gate::gate gate;
    tls::hello_verify_request answer{};
};

octets hello_with(wire::bytes cookie)
{
    hello_builder hello;
    hello.cookie = {cookie.begin(), cookie.end()};
    return hello.record();
}

}  // namespace

TEST_CASE("Gate: a hello with more suites than a cookie covers is dropped under any policy and costs no HMAC")
{
    fixture f{GENERATE(cookie_exchange::always, cookie_exchange::never)};
    hello_builder hello;
    hello.suites = octets(4'000);
    hello.cookie = test::counting(16);
    const auto verdict = f.evaluate(hello.record());
    CHECK(verdict.kind == action::drop);
    CHECK(verdict.reason == drop_reason::malformed_client_hello);
    CHECK(f.calls.verified == 0);
}

// A build with cookies permanently disabled or enabled contains only one half of the tests below.
#if !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("RFC 6347 4.2.1: a hello without a cookie is challenged, and checking it costs no HMAC")
{
    fixture f;
    const auto datagram = hello_with({});
    CHECK(f.evaluate(datagram).kind == action::challenge);
    CHECK(f.calls.verified == 0);
    CHECK(f.challenge(datagram));
    CHECK(f.calls.challenged == 1);
}

TEST_CASE("RFC 6347 4.2.1, CVE-2022-2576: a ticket resumes a session only with a valid cookie")
{
    fixture f;
    hello_builder hello;
    hello.session_id = test::counting(32);
    hello.extensions = test::make_extension(35, test::counting(180));
    REQUIRE(wire::offers_ticket(fixture::view(hello.record())));
    CHECK(f.evaluate(hello.record()).kind == action::challenge);
    hello.cookie = test::counting(16);
    CHECK(f.evaluate(hello.record()).kind == action::challenge);
}

TEST_CASE("RFC 6347 4.2.1: a wrong cookie is treated as none, and costs one HMAC per live key")
{
    fixture f;
    CHECK(f.evaluate(hello_with(test::counting(16))).kind == action::challenge);
    CHECK(f.calls.verified == 2);
    CHECK(f.calls.keys == std::vector{test::key_number(1), test::key_number(2)});
}

TEST_CASE("RFC 6347 4.2.1: a valid cookie validates the address, with one HMAC if signed by the current key")
{
    fixture f;
    const auto verdict = f.evaluate(hello_with(test::key_number(1)));
    CHECK(verdict.kind == action::admit);
    CHECK(verdict.validated);
    CHECK(f.calls.verified == 1);
}

TEST_CASE("RFC 6347 4.2.1: a cookie is valid through one key rotation and expires at the second")
{
    fixture f;
    REQUIRE(f.challenge(hello_with({})));
    const octets cookie{f.answer.end() - 16, f.answer.end()};
    const auto datagram = hello_with(cookie);
    CHECK(f.evaluate(datagram, start + 29s).validated);
    CHECK(f.evaluate(datagram, start + 59s).validated);
    CHECK(f.evaluate(datagram, start + 60s).kind == action::challenge);
}

TEST_CASE("Gate: after a long idle time an old cookie is refused")
{
    fixture f;
    CHECK(f.evaluate(hello_with(test::key_number(1)), start + 24h).kind == action::challenge);
    CHECK(f.evaluate(hello_with(test::key_number(2)), start + 24h).kind == action::challenge);
}

TEST_CASE("Gate: a HelloVerifyRequest is signed with the current key")
{
    fixture f;
    REQUIRE(f.challenge(hello_with({}), start + 31s));
    CHECK(f.calls.keys.back() == test::key_number(3));
}

TEST_CASE("RFC 6347 4.2.1: a HelloVerifyRequest is never longer than the ClientHello")
{
    fixture f;
    hello_builder hello;
    wire::client_hello_view view;
    const auto record = octets(44);
    view.record = wire::bytes{record}.first(43);
    CHECK_FALSE(f.gate.challenge(view, path, start, f.answer));
    CHECK(f.calls.challenged == 0);
    view.record = record;
    CHECK(f.gate.challenge(view, path, start, f.answer));

    // The shortest first fragment that can be checked is longer than the answer.
    const auto shortest = hello.fragment(0, 2 + 32 + 1 + 1);
    CHECK(shortest.size() >= tls::hello_verify_request_size);
    CHECK(f.challenge(shortest));
}

TEST_CASE("Gate: while new keys are due and randomness fails, no cookie is accepted or signed")
{
    test::cookie_calls calls;
    gate::gate gate{test::rules({}), std::make_unique<test::counting_cookies>(calls),
                    std::make_unique<gate::key_ring>(30s, test::unreliable_keys{2, 2}, start)};
    const auto datagram = hello_with(test::key_number(1));
    const auto hello = fixture::view(datagram);
    tls::hello_verify_request answer;
    CHECK(gate.evaluate(hello, path, false, start + 30s).kind == action::challenge);
    CHECK_FALSE(gate.challenge(hello, path, start + 30s, answer));
    CHECK(calls.keys.empty());

    CHECK(gate.evaluate(hello, path, false, start + 30s).validated);
    CHECK(gate.challenge(hello, path, start + 30s, answer));
}

TEST_CASE("Gate: a fragment's cookie is checked against the fields that the fragment holds")
{
    fixture f;
    hello_builder hello;
    hello.cookie = test::counting(16);
    CHECK(f.evaluate(hello.fragment(0, 2 + 32 + 1 + 1 + 16)).kind == action::challenge);
    CHECK(f.calls.verified == 2);
}

#endif

#if !defined(QUIVIVE_COOKIES_NEVER) && !defined(QUIVIVE_COOKIES_ALWAYS)

TEST_CASE("Policy `never`: a hello without a cookie is admitted unvalidated without an HMAC")
{
    fixture f{cookie_exchange::never};
    const auto verdict = f.evaluate(hello_with({}));
    CHECK(verdict.kind == action::admit);
    CHECK_FALSE(verdict.validated);
    CHECK(f.calls.verified == 0);
}

TEST_CASE("Policy `never`: a valid cookie validates the address, and a wrong one does no harm")
{
    fixture f{cookie_exchange::never};
    CHECK(f.evaluate(hello_with(test::key_number(1))).validated);
    const auto wrong = f.evaluate(hello_with(test::counting(16)));
    CHECK(wrong.kind == action::admit);
    CHECK_FALSE(wrong.validated);
}

#endif

#if defined(QUIVIVE_COOKIES_ALWAYS)

TEST_CASE("QUIVIVE_COOKIES=ALWAYS: no policy admits a hello without a cookie")
{
    fixture f{cookie_exchange::never};
    CHECK(f.evaluate(hello_with({})).kind == action::challenge);
    CHECK(f.evaluate(hello_with(test::counting(16))).kind == action::challenge);
    CHECK(f.evaluate(hello_with(test::key_number(1))).validated);
}

#endif

#if defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("QUIVIVE_COOKIES=NEVER: the gate admits every hello and cannot send a challenge")
{
    gate::gate gate{test::rules(policy_of(cookie_exchange::never)), nullptr, nullptr};
    const auto datagram = hello_with(test::counting(16));
    const auto verdict = gate.evaluate(fixture::view(datagram), path, false, start);
    CHECK(verdict.kind == action::admit);
    CHECK_FALSE(verdict.validated);
    tls::hello_verify_request answer;
    CHECK_FALSE(gate.challenge(fixture::view(datagram), path, start, answer));
}

#endif
