#include "tls/cookies.hpp"

#include "gate/build.hpp"
#include "support/catch.hpp"

#if defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("QUIVIVE_COOKIES=NEVER: there are no cookie functions")
{
    CHECK(quivive::tls::make_gnutls_cookies() == nullptr);
}

#else

#    include "gate/gate.hpp"
#    include "gate/key_ring.hpp"
#    include "support/hello_builder.hpp"
#    include "support/tls_pair.hpp"

#    include "tls/random.hpp"
#    include "wire/handshake.hpp"

#    include <algorithm>

using namespace quivive;
using namespace std::chrono_literals;
using gate::action;
using test::hello_builder;
using test::octets;

namespace {

const time_point start{1h};

/// A gate with GnuTLS's cookies, and one client of the gate.
struct fixture {
    gate::gate gate{std::make_shared<const gate::rule_table>(cookie_policy{}), tls::make_gnutls_cookies(),
                    std::make_unique<gate::key_ring>(30s, tls::fill_random, start)};
    wire::path path{wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}}, 4433),
                    wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{9}}, 999)};
    hello_builder hello = [] {
        hello_builder some;
        some.session_id = test::counting(8);
        some.extensions = test::make_server_name("a.test");
        return some;
    }();

    static wire::client_hello_view view(const octets& datagram)
    {
        return std::get<wire::client_hello_view>(
            wire::read_client_hello(wire::first_record(datagram).value()));
    }
    tls::hello_verify_request challenge(time_point now = start)
    {
        tls::hello_verify_request answer{};
        const auto datagram = hello.record();
        REQUIRE(gate.challenge(view(datagram), path, now, answer));
        return answer;
    }
    /// Puts the cookie of an answer into the next hello.
    void take_cookie(const tls::hello_verify_request& answer)
    {
        hello.cookie = {answer.end() - 16, answer.end()};
        ++hello.message_seq;
        ++hello.record_sequence;
    }
    bool proves(time_point now = start)
    {
        const auto datagram = hello.record();
        return gate.evaluate(view(datagram), path, false, now).validated;
    }
};

}  // namespace

TEST_CASE("RFC 6347 4.2.1: a client that returns its cookie has a validated address, any number of times")
{
    fixture f;
    CHECK_FALSE(f.proves());
    f.take_cookie(f.challenge());
    CHECK(f.proves());
    CHECK(f.proves());
}

TEST_CASE("RFC 6347 4.2.1: a cookie is not valid for another address, port or interface")
{
    fixture f;
    f.take_cookie(f.challenge());
    SECTION("port") { ++f.path.peer.port; }
    SECTION("address") { f.path.peer.address[15] ^= std::byte{1}; }
    SECTION("interface") { f.path.peer.scope = 2; }
    SECTION("local address") { f.path.local.address[15] ^= std::byte{1}; }
    SECTION("local port") { ++f.path.local.port; }
    CHECK_FALSE(f.proves());
}

TEST_CASE("RFC 6347 4.2.1: the second hello must equal the first one except for its cookie")
{
    fixture f;
    f.take_cookie(f.challenge());
    SECTION("random") { f.hello.random[16] ^= std::byte{1}; }
    SECTION("session id") { f.hello.session_id[0] ^= std::byte{1}; }
    SECTION("suites") { f.hello.suites[1] ^= std::byte{1}; }
    SECTION("order of suites") { std::ranges::rotate(f.hello.suites, f.hello.suites.begin() + 2); }
    SECTION("compression") { f.hello.compression.push_back(std::byte{1}); }
    SECTION("version") { f.hello.version = wire::dtls_1_0; }
    CHECK_FALSE(f.proves());
}

TEST_CASE("The extensions may differ between the two hellos, as some clients change them")
{
    fixture f;
    f.take_cookie(f.challenge());
    SECTION("other extensions") { f.hello.extensions = test::make_extension(0xfe, test::counting(9)); }
    SECTION("no extensions") { f.hello.extensions.reset(); }
    CHECK(f.proves());
}

TEST_CASE("A cookie with any flipped bit or with another length is invalid")
{
    fixture f;
    f.take_cookie(f.challenge());
    const auto good = f.hello.cookie;
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        f.hello.cookie = good;
        f.hello.cookie[bit / 8] ^= std::byte{1} << (bit % 8);
        CHECK_FALSE(f.proves());
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        f.hello.cookie = good;
        f.hello.cookie.resize(size);
        CHECK_FALSE(f.proves());
    }
    f.hello.cookie = good;
    f.hello.cookie.push_back(std::byte{0});
    CHECK_FALSE(f.proves());
    f.hello.cookie = good;
    CHECK(f.proves());
}

TEST_CASE(
    "RFC 6347 4.2.3: a cookie issued for a first fragment validates the same fragment, wherever it ends")
{
    fixture f;
    const auto bare = f.hello.body().size();
    const auto cookie_end = 2 + 32 + 1 + f.hello.session_id.size() + 1;  // without a cookie
    const auto suites_end = cookie_end + 2 + f.hello.suites.size() + 1 + f.hello.compression.size();
    for (auto size = cookie_end; size <= bare; ++size) {
        CAPTURE(size);
        fixture one;
        tls::hello_verify_request answer{};
        const auto first = one.hello.fragment(0, size);
        REQUIRE(one.gate.challenge(fixture::view(first), one.path, start, answer));
        one.take_cookie(answer);
        const auto second = one.hello.fragment(0, size + 16);
        CHECK(one.gate.evaluate(fixture::view(second), one.path, false, start).validated);
        // It also validates the whole hello, but only if the fragment held all fields that the cookie of a
        // whole hello covers.
        CHECK(one.proves() == (size >= suites_end));
    }
}

TEST_CASE("GnuTLS receives the bytes of the hello only, so it reads no cookie beyond its end")
{
    fixture f;
    f.hello.session_id = test::counting(32);  // the longest
    f.take_cookie(f.challenge());
    CHECK(f.proves());
    const auto datagram = f.hello.record();
    auto hello = fixture::view(datagram);
    hello.record = hello.record.first(13 + 12 + 2 + 32 + 1 + 32 + 1 + 15);  // one byte of the cookie missing
    CHECK_FALSE(f.gate.evaluate(hello, f.path, false, start).validated);
}

TEST_CASE("A cookie is accepted after one rotation of the keys, and refused after two")
{
    fixture f;
    f.take_cookie(f.challenge(start + 29s));
    CHECK(f.proves(start + 31s));
    CHECK(f.proves(start + 59s));
    CHECK_FALSE(f.proves(start + 60s));
}

TEST_CASE("A server refuses the cookies of another server")
{
    fixture one, other;
    one.take_cookie(one.challenge());
    other.hello = one.hello;
    CHECK_FALSE(other.proves());
}

TEST_CASE("RFC 6347 4.2.1, erratum 5186: the answer mirrors the hello's record sequence and message_seq")
{
    fixture f;
    f.hello.record_sequence =
        GENERATE(as<std::uint64_t>{}, 0U, 1U, 0xffU, 0x100U, 0xa1b2c3d4e5f6U, 0xffffffffffffU);
    f.hello.message_seq = GENERATE(std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{0x1234});
    const auto answer = f.challenge();
    const auto record = wire::first_record(answer);
    REQUIRE(record);
    CHECK(record->whole.size() == answer.size());
    CHECK(record->epoch == 0);
    CHECK(record->version == wire::dtls_1_0);
    CHECK(record->sequence == f.hello.record_sequence);
    wire::reader in{record->payload};
    const auto message = wire::read_handshake(in);
    CHECK(message.type == wire::handshake_type::hello_verify_request);
    CHECK(message.whole());
    CHECK(message.message_seq == f.hello.message_seq);
    wire::reader body{message.body};
    CHECK(body.u16() == wire::dtls_1_0);  // RFC 6347 4.2.1: whatever version is negotiated later
    CHECK(body.vector(1).size() == 16);
    CHECK(body.done());
}

namespace {

/// A real client whose datagrams are passed to the gate.
struct real_client {
    wire::path path{wire::endpoint::v4({}, 4433), wire::endpoint::v4({}, 999)};
    gate::gate gate{std::make_shared<const gate::rule_table>(cookie_policy{}), tls::make_gnutls_cookies(),
                    std::make_unique<gate::key_ring>(30s, tls::fill_random, start)};
    test::queue_outbox out;
    std::unique_ptr<tls::handshake> client =
        tls::make_client_handshake(test::any_client_context(), {}, path, start, out);

    octets next_hello()
    {
        REQUIRE_FALSE(out.datagrams.empty());
        auto datagram = std::move(out.datagrams.front());
        out.datagrams.pop_front();
        return datagram;
    }
    void challenge(const octets& hello, time_point now)
    {
        tls::hello_verify_request answer{};
        REQUIRE(gate.challenge(fixture::view(hello), path, now, answer));
        CHECK(client->feed(wire::first_record(answer).value(), now, out).consumed);
    }
    bool proves(const octets& hello, time_point now)
    {
        return gate.evaluate(fixture::view(hello), path, false, now).validated;
    }
};

}  // namespace

TEST_CASE("RFC 6347 4.2.1: a real client accepts the HelloVerifyRequest and returns its cookie")
{
    real_client real;
    const auto first = real.next_hello();
    CHECK_FALSE(real.proves(first, start));
    real.challenge(first, start);
    CHECK(real.proves(real.next_hello(), start));
}

TEST_CASE("Erratum 5186: a real client whose cookie has expired accepts a second HelloVerifyRequest")
{
    real_client real;
    real.challenge(real.next_hello(), start);
    const auto late = start + 61s;
    const auto second = real.next_hello();
    CHECK_FALSE(real.proves(second, late));
    real.challenge(second, late);
    const auto third = real.next_hello();
    CHECK(real.proves(third, late));

    // The handshake completes from there.
    const auto view = fixture::view(third);
    const auto server = tls::make_server_handshake(test::any_server_context(), {},
                                                   {view.record_sequence, view.message_seq}, real.path);
    test::queue_outbox to_client;
    (void)server->feed(wire::first_record(third).value(), late, to_client);
    for (int turn = 0; turn < 4; ++turn) {
        for (const auto& datagram : std::exchange(to_client.datagrams, {}))
            for (const auto& record : test::records_of(datagram))
                (void)real.client->feed(record, late, real.out);
        for (const auto& datagram : std::exchange(real.out.datagrams, {}))
            for (const auto& record : test::records_of(datagram)) (void)server->feed(record, late, to_client);
    }
    CHECK(server->status() == tls::handshake_status::done);
    CHECK(real.client->status() == tls::handshake_status::done);
}

#endif
