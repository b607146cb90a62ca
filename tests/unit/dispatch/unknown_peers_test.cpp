#include "dispatch/dispatcher.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::admission_action;
using dispatch::disposition;
using test::hello_builder;
using test::make_octets;
using test::make_record;
using test::octets;
using test::operator+;
using test::world;
using wire::content_type;

namespace {

struct noise {
    octets datagram;
    drop_reason reason;
};

std::vector<noise> all_noise()
{
    hello_builder hello, malformed, answer;
    malformed.suites.clear();
    answer.message_type = 2;
    return {
        {{}, drop_reason::empty_datagram},
        {make_octets({22}), drop_reason::malformed_record},
        {octets(13, std::byte{0}), drop_reason::bad_record_type},
        {make_record(content_type::handshake, {}, 0, 0, 0x0303), drop_reason::bad_version},
        {make_record(content_type::handshake, {}, 0, 0, wire::dtls_1_2, std::uint16_t{1}),
         drop_reason::malformed_record},
        {make_record(content_type::handshake, {}), drop_reason::not_a_client_hello},
        {make_record(content_type::change_cipher_spec, make_octets({1})), drop_reason::not_a_client_hello},
        {make_record(content_type::alert, make_octets({2, 40})), drop_reason::not_a_client_hello},
        {make_record(content_type::application_data, octets(40), 1), drop_reason::not_a_client_hello},
        {answer.record(), drop_reason::not_a_client_hello},
        {hello.fragment(0, 20), drop_reason::hello_fragment},
        {hello.fragment(20, 20), drop_reason::rest_of_challenged_hello},
        {malformed.record(), drop_reason::malformed_client_hello},
    };
}

}  // namespace

TEST_CASE("Unknown peer: noise is dropped by reason, never answered, and leaves no state")
{
    for (const auto& [datagram, reason] : all_noise()) {
        world around;
        const auto decided = around.route(world::path_of(1, 1), datagram);
        CAPTURE(to_string(reason), to_string(decided.reason));
        CHECK(decided.disposition == disposition::dropped);
        CHECK(decided.reason == reason);
        CHECK(around.counted().dropped[reason] == 1);
        CHECK(around.counted().received_bytes == datagram.size());
        CHECK(around.counted().balanced());
        CHECK(around.outgoing.empty());
        CHECK(around.listener.asked == 0);
        CHECK(around.server->size() == 0);
    }
}

TEST_CASE("A datagram truncated by the kernel is counted like a routed one")
{
    world around;
    around.server->drop(65'000, drop_reason::oversized_datagram);
    CHECK(around.counted().dropped[drop_reason::oversized_datagram] == 1);
    CHECK(around.counted().received_bytes == 65'000);
    CHECK(around.counted().balanced());
}

TEST_CASE("Unknown peer: validates its address where required, completes the handshake and has a session")
{
    world around;
    auto& client = around.connect();
    CHECK(client.connected());
    CHECK(around.server->size() == 1);
    const auto counted = around.counted();
    CHECK(counted.handshakes_started == 1);
    CHECK(counted.handshakes_completed == 1);
    CHECK(counted.sessions == 1);
    CHECK(counted.half_open == 0);
    CHECK(counted.associations == 1);
    CHECK(counted.cookies_proven + counted.admitted_unproven == 1);
    CHECK(counted.balanced());
    CHECK(around.listener.asked == 1);
    CHECK(around.session_of(client)->validated == around.listener.last_proven);
    CHECK(around.echoes(client));
}

TEST_CASE("Clients are distinguished by address, port and local address")
{
    world around;
    auto& one = around.connect(1, 1000);
    auto& port = around.connect(1, 1001);
    auto& host = around.connect(2, 1000);
    CHECK(around.server->size() == 3);
    CHECK(around.echoes(one));
    CHECK(around.echoes(port));
    CHECK(around.echoes(host));
    auto elsewhere = one.path();
    elsewhere.local.address[15] ^= std::byte{1};
    CHECK(around.route(elsewhere, make_record(content_type::application_data, octets(40), 1)).reason ==
          drop_reason::not_a_client_hello);
}

TEST_CASE("RFC 6347 4.2.4: a repeated ClientHello causes no second handshake and no second signature")
{
    world around;
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    const auto hello = client.sent.back();
    CHECK(around.signatures == 1);
    const auto sent = around.outgoing.size();

    CHECK(around.route(client.path(), hello).reason == drop_reason::repeated_flight);
    CHECK(around.outgoing.size() == sent);  // within repeat_interval
    around.now += 300ms;
    CHECK(around.route(client.path(), hello).reason == drop_reason::repeated_flight);
    CHECK(around.outgoing.size() == 2 * sent);

    CHECK(around.signatures == 1);
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.listener.asked == 1);
    CHECK(around.server->size() == 1);
    around.settle();
    CHECK(client.connected());
}

TEST_CASE("Unknown peer: the application may drop a hello that the policy admits")
{
    world around;
    around.listener.answer = GENERATE(admission_action::refuse, admission_action::queue_full);
    const auto decided = around.begin(around.add_client());
    CHECK(decided.disposition == disposition::dropped);
    CHECK(decided.reason == (around.listener.answer == admission_action::refuse
                                 ? drop_reason::refused_by_policy
                                 : drop_reason::accept_queue_full));
    CHECK(around.server->size() == 0);
    CHECK(around.counted().handshakes_started == 0);
    CHECK(around.counted().balanced());
}

TEST_CASE("A dispatcher that refuses new clients drops hellos, and existing handshakes and sessions continue")
{
    world around;
    auto& known = around.connect(1);
    auto& half = around.add_client(2);
    CHECK(around.begin(half).disposition == disposition::delivered);
    around.server->refuse_new_handshakes();
    auto& late = around.add_client(3);
    late.hello();
    CHECK(around.deliver(late).reason == drop_reason::stopping);
    around.settle();
    CHECK(half.connected());
    CHECK(around.echoes(known));
    CHECK(around.counted().dropped[drop_reason::stopping] == 1);
}

#if !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("RFC 6347 4.2.1: peers that do not return with their cookie leave no state, however many there are")
{
    world around;
    hello_builder hello;
    const auto datagram = hello.record();
    for (unsigned host = 0; host < 10'000; ++host)
        CHECK(around.route(world::path_of(host, 1000), datagram).disposition == disposition::answered);
    CHECK(around.server->size() == 0);
    CHECK(around.server->half_open() == 0);
    around.pass(10s);  // until the measured load has decayed too
    CHECK(around.server->next_wake() == no_deadline);
    CHECK(around.listener.asked == 0);
    CHECK(around.counted().answered == 10'000);
    CHECK(around.counted().balanced());
    for (const auto& [path, answer] : around.outgoing) CHECK(answer.size() <= datagram.size());
}

TEST_CASE("RFC 6347 4.2.1: a cookie validates the address, and a wrong cookie is answered like none")
{
    world around;
    auto& client = around.add_client();
    client.hello();
    CHECK(around.deliver(client).disposition == disposition::answered);
    client.take(around.outgoing.back().second);
    auto forged = client.outgoing.front();
    forged[13 + 12 + 2 + 32 + 1 + 1] ^= std::byte{1};  // the cookie's first byte
    CHECK(around.route(client.path(), forged).disposition == disposition::answered);
    CHECK(around.listener.asked == 0);
    CHECK(around.route(world::path_of(9, 9), client.outgoing.front()).disposition == disposition::answered);
    CHECK(around.deliver(client).disposition == disposition::delivered);
    CHECK(around.listener.last_proven);
    CHECK(around.counted().cookies_proven == 1);
    CHECK(around.counted().answered == 3);
}

TEST_CASE("RFC 6347 4.2.3: the first fragment of a hello decides its admission")
{
    world around;
    hello_builder hello;
    hello.extensions = test::make_extension(10, make_octets({0, 4, 0, 29, 0, 23})) +  // x25519, P-256
                       test::make_extension(13, make_octets({0, 2, 4, 3}));  // ecdsa_secp256r1_sha256
    const auto path = world::path_of(1, 1000);
    const auto take_cookie = [&] {
        const auto& answer = around.outgoing.back().second;
        hello.cookie = {answer.end() - 16, answer.end()};
        ++hello.message_seq;
    };
    const auto fragments = [&] { return hello.fragment(0, 55) + hello.fragment(55, 500); };
    CHECK(around.route(path, hello.record()).disposition == disposition::answered);
    take_cookie();
    // The first fragment ends in the suites, which the cookie covers. So the hello is challenged once more
    // for the suites of that fragment, and only once.
    CHECK(around.route(path, fragments()).disposition == disposition::answered);
    take_cookie();
    CHECK(around.route(path, fragments()).disposition == disposition::delivered);
    CHECK(around.listener.last_proven);
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.signatures == 1);
    CHECK(around.counted().balanced());
}

TEST_CASE("Unknown peer: a challenge by the application is sent only until the address is validated")
{
    world around;
    around.listener.answer = admission_action::challenge;
    CHECK(around.connect().connected());
}

#endif

#if !defined(QUIVIVE_COOKIES_ALWAYS)

namespace {

const cookie_policy trusting{.exchange = cookie_exchange::never, .trust_all_networks = true};

}  // namespace

TEST_CASE("Policy `never`: the first hello makes a session of an unvalidated peer")
{
    world around{{}, trusting};
    auto& client = around.connect();
    CHECK(client.connected());
    CHECK(around.counted().answered == 0);
    CHECK(around.counted().admitted_unproven == 1);
    CHECK_FALSE(around.listener.last_proven);
}

#    if !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("Policy `never`: the application may still require a cookie")
{
    world around{{}, trusting};
    around.listener.answer = admission_action::challenge;
    auto& client = around.connect();
    CHECK(client.connected());
    CHECK(around.counted().answered == 1);
    CHECK(around.listener.last_proven);
}

#    endif

#endif
