// Datagrams that an attacker can send from the address of a live session. None of them ends the session.
#include "support/catch.hpp"
#include "support/echo_server.hpp"
#include "support/hello_builder.hpp"
#include "support/stepwise_client.hpp"

#include "server/address.hpp"

using namespace quivive;
using test::make_record;
using test::octets;
using wire::content_type;

namespace {

const octets close_notify{std::byte{1}, std::byte{0}};
const octets handshake_failure{std::byte{2}, std::byte{40}};

struct live {
    server served{test::loopback_config()};
    test::stepwise_client client{(served.serve(test::echo), served.local_endpoints().front())};

    live() { REQUIRE(client.connect()); }

    /// Injects the datagram and checks that it is counted, the session stays open and the counters balance.
    void survives(const octets& forged, drop_reason reason)
    {
        const auto before = served.metrics();
        client.inject(forged);
        REQUIRE(
            test::eventually([&] { return served.metrics().dropped[reason] == before.dropped[reason] + 1; }));
        CHECK(client.echo("still there") == "still there");
        CHECK(served.metrics().sessions == 1);
        CHECK(served.metrics().sessions_closed == 0);
        CHECK(test::comes_to_balance(served));
    }
};

}  // namespace

TEST_CASE("a live session survives a forged close_notify (RFC 6347 4.1.2.7)")
{
    live session;
    session.survives(make_record(content_type::alert, close_notify, 0, 9), drop_reason::plaintext_on_session);
    session.survives(make_record(content_type::alert, close_notify, 1, 9), drop_reason::short_record);
}

TEST_CASE("a live session survives a fatal alert in epoch 0")
{
    live session;
    session.survives(make_record(content_type::alert, handshake_failure, 0, 9),
                     drop_reason::plaintext_on_session);
}

TEST_CASE("a live session survives records with a bad MAC, of every type")
{
    live session;
    for (const auto type : {content_type::alert, content_type::handshake, content_type::application_data,
                            content_type::heartbeat})
        session.survives(
            make_record(type, octets(64, std::byte{0x5a}), 1, 1'000U + static_cast<unsigned>(type)),
            drop_reason::bad_record_mac);
}

TEST_CASE("a live session survives too short records")
{
    live session;
    for (const std::size_t size : {0U, 1U, 8U, 23U})
        session.survives(make_record(content_type::application_data, octets(size, std::byte{1}), 1, 7),
                         drop_reason::short_record);
}

TEST_CASE("a live session survives an epoch 0 application record")
{
    live session;
    session.survives(make_record(content_type::application_data, octets(20, std::byte{'x'}), 0, 9),
                     drop_reason::plaintext_on_session);
}

TEST_CASE("a live session survives records of other epochs, ChangeCipherSpec, connection ids")
{
    live session;
    session.survives(make_record(content_type::application_data, octets(40, std::byte{'x'}), 2, 9),
                     drop_reason::bad_epoch);
    session.survives(make_record(content_type::application_data, octets(40, std::byte{'x'}), 0xffff, 9),
                     drop_reason::bad_epoch);
    session.survives(make_record(content_type::change_cipher_spec, octets(40, std::byte{'x'}), 1, 9),
                     drop_reason::unexpected_record);
    // Read with an id of 8 bytes, the record's length follows the id.
    auto with_id = make_record(content_type::tls12_cid, octets(40, std::byte{'x'}), 1, 9);
    with_id.insert(with_id.begin() + 11, 8, std::byte{0x1d});
    session.survives(with_id, drop_reason::unknown_connection_id);
}

TEST_CASE("a live session survives the datagrams after which GnuTLS loses the next one")
{
    live session;
    session.survives({}, drop_reason::empty_datagram);
    session.survives({std::byte{23}}, drop_reason::malformed_record);
    auto header_only = make_record(content_type::application_data, octets(16'000), 1, 9);
    header_only.resize(13);
    session.survives(header_only, drop_reason::malformed_record);
    session.survives(make_record(content_type{99}, octets(40), 1, 9), drop_reason::bad_record_type);
    auto version = make_record(content_type::application_data, octets(40), 1, 9);
    version[1] = std::byte{3};
    session.survives(version, drop_reason::bad_version);
}

TEST_CASE("a replayed record is dropped as replayed_record")
{
    live session;
    CHECK(session.client.echo("once") == "once");
    const auto replay = session.client.sent().back();
    session.survives(replay, drop_reason::replayed_record);
}

TEST_CASE(
    "a ClientHello without a cookie on a live session is challenged, and changes nothing (RFC 6347 4.2.8)")
{
    live session;
    auto hello = session.client.sent().front();
    hello[27 + 31] ^= std::byte{1};  // another random: not the hello that made this session
    const auto answered = session.served.metrics().answered;
    session.client.inject(hello);
    REQUIRE(test::eventually([&] { return session.served.metrics().answered == answered + 1; }));
    CHECK(session.client.echo("still there") == "still there");
    CHECK(session.served.metrics().sessions == 1);
    CHECK(session.served.metrics().handshakes_started == 1);
}

TEST_CASE("a repeat of the ClientHello that made the session is stale")
{
    live session;
    session.survives(session.client.sent().front(), drop_reason::stale_client_hello);
    session.survives(session.client.sent().at(1), drop_reason::stale_client_hello);
}

TEST_CASE("several records share a datagram: all are processed (RFC 6347 4.1.1)")
{
    live session;
    auto both = make_record(content_type::alert, close_notify, 0, 9);
    session.client.send("after a forged alert");
    // The message was already sent on its own, so its copy in this datagram is a replay.
    auto real = session.client.sent().back();
    both.insert(both.end(), real.begin(), real.end());
    const auto before = session.served.metrics();
    session.client.inject(both);
    REQUIRE(test::eventually([&] {
        const auto now = session.served.metrics();
        return now.discarded[drop_reason::plaintext_on_session] ==
                   before.discarded[drop_reason::plaintext_on_session] + 1 &&
               now.discarded[drop_reason::replayed_record] ==
                   before.discarded[drop_reason::replayed_record] + 1;
    }));
}
