// Handshake messages above the server's size limit. A peer with a validated address receives an alert.
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/late_workers.hpp"
#include "support/mutual_contexts.hpp"
#include "wire/handshake.hpp"

using namespace quivive;
using namespace quivive::test;
using dispatch::disposition;
using sessions::close_reason;

namespace {

/// Returns whether the datagram holds only decode_error (RFC 5246 7.2.2), as plaintext.
bool tells_decode_error(const octets& datagram)
{
    const auto records = records_of(datagram);
    return records.size() == 1 && records.front().epoch == 0 &&
           records.front().is(wire::content_type::alert) &&
           octets{records.front().payload.begin(), records.front().payload.end()} == make_octets({2, 50});
}

/// Contexts with a client certificate chain that is too long.
const mutual_contexts& contexts()
{
    static const auto made = with_certificates_both_ways(36'000);
    return made;
}

/// Checks that one handshake has failed and left no state.
void one_has_failed(const world& around)
{
    const auto counted = around.counted();
    CHECK(counted.handshakes_started == 1);
    CHECK(counted.handshakes_failed == 1);
    CHECK(counted.discarded[drop_reason::oversized_handshake] > 0);
    CHECK(counted.discarded[drop_reason::oversized_handshake] == counted.discarded.total());
    CHECK(counted.half_open == 0);
    CHECK(counted.associations == 0);
    CHECK(counted.balanced());
    REQUIRE(around.listener.ends.size() == 1);
    CHECK(around.listener.ends.front().why == close_reason::handshake_failed);
}

/// A hello with that many bytes of padding (RFC 7685), as one record or as fragments.
struct padded_hello : hello_builder {
    explicit padded_hello(std::size_t padding) { extensions = make_extension(21, octets(padding)); }

    /// Requests a cookie and stores it in the hello.
    void prove(world& around, const wire::path& path, const octets& first)
    {
        REQUIRE(around.route(path, first).disposition == disposition::answered);
        const auto request = std::exchange(around.outgoing, {}).front().second;
        wire::reader in{records_of(request).front().payload};
        const auto body = wire::read_handshake(in).body;
        cookie.assign(body.begin() + 3, body.end());
        ++message_seq;
        ++record_sequence;
    }
};

}  // namespace

TEST_CASE("Oversized: a client whose chain is too long is sent decode_error, and its handshake fails")
{
    world around{{}, {}, contexts().server, contexts().client};
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    for (const auto& [path, datagram] : std::exchange(around.outgoing, {})) client.take(datagram);
    REQUIRE(client.outgoing.size() > 20);
    while (around.counted().half_open > 0) (void)around.deliver(client);
    one_has_failed(around);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(tells_decode_error(around.outgoing.front().second));
    // The remaining datagrams come from an unknown peer.
    while (!client.outgoing.empty()) CHECK(around.deliver(client).disposition == disposition::dropped);
    CHECK(around.outgoing.size() == 1);
}

TEST_CASE("Oversized: a handshake thread also sends decode_error to a client whose chain is too long")
{
    late_workers workers;
    world around{{}, {}, contexts().server, contexts().client, nullptr, &workers};
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    workers.do_one(around);
    for (const auto& [path, datagram] : std::exchange(around.outgoing, {})) client.take(datagram);
    while (around.counted().half_open > 0) {
        if (!client.outgoing.empty()) (void)around.deliver(client);
        if (!workers.steps.empty()) workers.do_one(around);
    }
    one_has_failed(around);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(tells_decode_error(around.outgoing.front().second));
}

TEST_CASE("Oversized: a hello above 16 kB with a valid cookie is answered with decode_error at once")
{
    world around;
    const auto path = world::path_of(1, 1000);
    padded_hello hello{17'000};
    hello.prove(around, path, hello.record());
    CHECK(around.route(path, hello.record()).disposition == disposition::delivered);
    one_has_failed(around);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(tells_decode_error(around.outgoing.front().second));
}

TEST_CASE(
    "Oversized: a fragmented hello above 16 kB with a valid cookie is answered with decode_error at its end")
{
    const auto padding = GENERATE(as<std::size_t>{}, 17'000, 40'000);
    CAPTURE(padding);
    world around;
    const auto path = world::path_of(1, 1000);
    padded_hello hello{padding};
    hello.prove(around, path, hello.fragment(0, 1'200));
    const auto size = hello.body().size();
    for (std::size_t at = 0; at < size && around.outgoing.empty(); at += 1'200)
        (void)around.route(path, hello.fragment(at, 1'200));
    one_has_failed(around);
    REQUIRE(around.outgoing.size() == 1);
    CHECK(tells_decode_error(around.outgoing.front().second));
}

TEST_CASE("Oversized: a hello without a cookie is challenged whatever length it claims")
{
    world around;
    const padded_hello hello{40'000};
    CHECK(around.route(world::path_of(1, 1000), hello.fragment(0, 1'200)).disposition ==
          disposition::answered);
    for (std::size_t at = 1'200; at < 40'000; at += 1'200)
        CHECK(around.route(world::path_of(1, 1000), hello.fragment(at, 1'200)).disposition ==
              disposition::dropped);
    CHECK(around.outgoing.size() == 1);
    CHECK(around.counted().handshakes_started == 0);
}

TEST_CASE("Oversized: forged headers of oversized messages end no handshake")
{
    world around;
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    for (const auto& [path, datagram] : std::exchange(around.outgoing, {})) client.take(datagram);
    octets forged = make_octets({11, 0xff, 0xff, 0xff, 0, 2, 0, 0, 0, 0, 0x04, 0}) + octets(1'024);
    for (int i = 0; i < 20; ++i)
        CHECK(around.route(client.path(), make_record(wire::content_type::handshake, forged)).reason ==
              drop_reason::oversized_handshake);
    CHECK(around.outgoing.empty());
    around.settle();
    CHECK(client.connected());
    CHECK(around.counted().balanced());
}
