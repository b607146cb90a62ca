#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <algorithm>
#include <array>

// Fragmented messages as in the test suites of other stacks, and properties that every handshake must
// negotiate.

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using tls::handshake_status;

namespace {

struct hello_in_pieces {
    /// Feeds the bytes of the message from `from` up to `to` or its end.
    void feed(std::size_t from, std::size_t to)
    {
        auto piece = whole;
        piece.fragment_offset = static_cast<std::uint32_t>(from);
        piece.body = whole.body.subspan(from, std::min<std::size_t>(to, whole.length) - from);
        (void)peer.feed(handshake_record(piece));
    }

    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    octets datagram = (peer.let_client_go_on(), peer.sent_by_client().front());
    wire::reader in{records_of(datagram).front().payload};
    wire::handshake_view whole = wire::read_handshake(in);
};

}  // namespace

TEST_CASE("handshake: a message is assembled from overlapping fragments (RFC 6347 4.2.3)")
{
    hello_in_pieces hello;
    // Each fragment begins 20 bytes before the end of the previous one.
    for (std::size_t from = 0; from == 0 || from + 20 < hello.whole.length; from += 30) {
        CHECK(hello.peer.sent_by_server.empty());
        hello.feed(from, from + 50);
    }
    hello.peer.settle();
    CHECK(hello.peer.server->status() == handshake_status::done);
    CHECK(hello.client.session.done());
}

TEST_CASE("handshake: fragments and the whole message may be mixed (RFC 6347 4.2.3)")
{
    hello_in_pieces hello;
    hello.feed(0, 40);
    hello.feed(0, 40);
    CHECK(hello.peer.sent_by_server.empty());
    hello.feed(0, hello.whole.length);
    CHECK_FALSE(hello.peer.sent_by_server.empty());
    hello.feed(10, 40);  // late and harmless
    hello.peer.settle();
    CHECK(hello.peer.server->status() == handshake_status::done);
}

TEST_CASE("attached: a retransmitted Finished in fragments triggers the last flight again (RFC 6347 4.2.4)")
{
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    peer.settle();
    peer.establish();
    for (const std::size_t offset : {0U, 6U}) {
        std::array<std::byte, 12 + 6> piece{std::byte{20}, {}, {}, std::byte{12}};
        piece[8] = static_cast<std::byte>(offset);
        piece[11] = std::byte{6};
        const auto record = peer.sealed_by_client(wire::content_type::handshake, piece);
        CHECK(peer.open(record).kind == record::opened_kind::repeated_finished);
    }
    CHECK(peer.echo("hello") == "hello");
}

TEST_CASE("handshake: the extended master secret is negotiated (RFC 7627)")
{
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    peer.settle();
    REQUIRE(client.session.done());
    CHECK(gnutls_session_ext_master_secret_status(client.session.get()) != 0);
}

TEST_CASE("handshake: retransmit_first sets the time of the first retransmission (RFC 7925 11)")
{
    tls::handshake_settings settings;
    settings.retransmit_first = 9s;
    tls_pair pair{settings};
    pair.deliver_to_server();
    CHECK(pair.server->next_wake() == pair.now + 9s);
    CHECK(pair.client->next_wake() == pair.now + 9s);
}

TEST_CASE("attached: a message of 8192 bytes arrives (RFC 6012 5.4)")
{
    tls::handshake_settings settings;
    settings.mtu = 9'000;
    tls_pair pair{settings};
    pair.settle();
    REQUIRE(pair.both_done());
    const auto client = pair.client->take_protection(), server = pair.server->take_protection();
    queue_outbox out;
    REQUIRE(client->seal(octets(8'192, std::byte{'x'}), pair.path, out) == record::sealed::sent);
    octets plaintext(10'000);
    const auto opened = server->open(records_of(out.datagrams.front()).front(), plaintext, pair.path, out);
    CHECK(opened.kind == record::opened_kind::message);
    CHECK(opened.size == 8'192);
}
