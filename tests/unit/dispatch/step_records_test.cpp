// Which records are a step of a handshake on a handshake thread, and which are processed at once.
#include "beside.hpp"
#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "wire/handshake.hpp"

#include <utility>

using namespace quivive;
using namespace quivive::test;
using dispatch::disposition;

namespace {

/// Returns the first undelivered record of the client with a message of this type.
octets record_with(const remote& client, wire::handshake_type type)
{
    for (const auto& datagram : client.outgoing)
        for (const auto& record : records_of(datagram))
            if (record.epoch == 0 && record.is(wire::content_type::handshake) &&
                record.payload[0] == static_cast<std::byte>(type))
                return {record.whole.begin(), record.whole.end()};
    FAIL("there is none");
    return {};
}

}  // namespace

TEST_CASE("handshake threads: a record that completes no message is not a step of its own")
{
    beside here;
    auto& client = here.begin();
    here.workers.do_one(here.around);  // the hello
    const octets byte(1);
    const auto say = [&](const octets& record) { (void)here.around.route(client.path(), record); };
    for (std::uint32_t at = 0; at < 200; at += 2) {
        say(handshake_record({wire::handshake_type::client_key_exchange, 1'000, 2, at, byte}));
        say(make_record(wire::content_type::handshake, octets(48), 1, at));
    }
    CHECK(here.workers.steps.empty());
    CHECK(here.around.counted().half_open == 1);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a record whose fragments complete a message is a step")
{
    beside here;
    auto& client = here.begin();
    here.workers.do_one(here.around);
    for (const auto& [path, datagram] : std::exchange(here.around.outgoing, {})) client.take(datagram);
    const auto sent = record_with(client, wire::handshake_type::client_key_exchange);
    wire::reader in{records_of(sent).front().payload};
    const auto message = wire::read_handshake(in);
    const auto piece = [&](std::size_t from, std::size_t to) {
        auto part = message;
        part.fragment_offset = static_cast<std::uint32_t>(from);
        part.body = message.body.subspan(from, to - from);
        const auto record = handshake_record(part);
        return octets{record.begin() + wire::record_header_size, record.end()};
    };
    const auto size = message.body.size();
    octets payload;
    SECTION("the first and the last fragment") { payload = piece(0, 20) + piece(20, size); }
    SECTION("the last fragments")
    {
        const auto first = make_record(wire::content_type::handshake, piece(10, 20));
        (void)here.around.route(client.path(), first);
        REQUIRE(here.workers.steps.empty());
        payload = piece(0, 15) + piece(5, 12) + piece(18, size);
    }
    (void)here.around.route(client.path(), make_record(wire::content_type::handshake, payload));
    CHECK(here.workers.steps.size() == 1);
    here.workers.settle(here.around);
    CHECK(client.connected());
    CHECK(here.around.counted().balanced());
}

TEST_CASE("handshake threads: a whole message that contradicts an earlier fragment is not a step")
{
    beside here;
    auto& client = here.begin();
    here.workers.do_one(here.around);  // the hello
    const auto say = [&](std::uint32_t length, const octets& body) {
        (void)here.around.route(
            client.path(), handshake_record({wire::handshake_type::client_key_exchange, length, 2, 0, body}));
    };
    say(14, octets(1));
    for (int i = 0; i < 20; ++i) say(14, octets(14, std::byte{1}));
    for (int i = 0; i < 20; ++i) say(15, octets(15));
    CHECK(here.workers.steps.empty());
    CHECK(here.around.counted().discarded[drop_reason::inconsistent_fragment] == 40);
    CHECK(here.around.counted().balanced());
}

#if !defined(QUIVIVE_COOKIES_NEVER)

TEST_CASE("handshake threads: a step starts although a new hello ends the same datagram")
{
    beside here;
    auto& client = here.begin();
    here.workers.do_one(here.around);
    for (const auto& [path, datagram] : std::exchange(here.around.outgoing, {})) client.take(datagram);
    REQUIRE(!client.outgoing.empty());
    const auto flight = client.outgoing.front();
    CHECK(here.around.route(client.path(), flight + make_hello(0, {}, 7)).disposition ==
          disposition::delivered);
    CHECK(here.workers.steps.size() == 1);
}

#endif
