// RFC 6347 4.1.2.7: a session survives every datagram that is not authentic, and each drop has a reason.

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;
using test::make_octets;
using test::make_record;
using test::octets;
using test::operator+;
using test::world;
using wire::content_type;

namespace {

/// Each test runs twice: with records attached to the GnuTLS session, and with detached records.
world with_either_layer(limits chosen = {})
{
    const bool detached = GENERATE(false, true);
    return world{chosen,
                 {},
                 test::any_server_context(),
                 test::any_client_context(),
                 detached ? std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2) : nullptr};
}

/// A record like those of a session with a connection id.
octets record_with_id(const octets& payload)
{
    auto record = make_record(content_type::tls12_cid, payload, 1);
    record.insert(record.begin() + 11, 8, std::byte{0x1d});
    return record;
}

struct intruder {
    octets datagram;
    drop_reason reason;
    bool reaches_session = true;
};

std::vector<intruder> all_intruders()
{
    const octets some(60, std::byte{7});
    return {
        {make_record(content_type::handshake, make_octets({20, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0})),
         drop_reason::plaintext_on_session},
        {make_record(content_type::handshake, {}), drop_reason::plaintext_on_session},
        {test::hello_builder{}.fragment(0, 20), drop_reason::plaintext_on_session},
        {test::hello_builder{}.fragment(20, 20), drop_reason::rest_of_challenged_hello},
        {make_record(content_type::alert, make_octets({2, 40})), drop_reason::plaintext_on_session},
        {make_record(content_type::alert, make_octets({1, 0})), drop_reason::plaintext_on_session},
        {make_record(content_type::change_cipher_spec, make_octets({1})), drop_reason::plaintext_on_session},
        {make_record(content_type::application_data, some), drop_reason::plaintext_on_session},
        {make_record(content_type::application_data, some, 1, 100), drop_reason::bad_record_mac},
        {make_record(content_type::alert, octets(26), 1, 100), drop_reason::bad_record_mac},
        {make_record(content_type::handshake, some, 1, 100), drop_reason::bad_record_mac},
        {make_record(content_type::heartbeat, some, 1, 100), drop_reason::bad_record_mac},
        {make_record(content_type::application_data, some, 1, 0xffffffffffff), drop_reason::bad_record_mac},
        {make_record(content_type::application_data, octets(24), 1, 100), drop_reason::bad_record_mac},
        {make_record(content_type::application_data, octets(23), 1, 100), drop_reason::short_record},
        {make_record(content_type::alert, {}, 1, 100), drop_reason::short_record},
        {make_record(content_type::application_data, some, 2), drop_reason::bad_epoch},
        {make_record(content_type::application_data, some, 0xffff), drop_reason::bad_epoch},
        {make_record(content_type::change_cipher_spec, some, 1), drop_reason::unexpected_record},
        {record_with_id(some), drop_reason::unknown_connection_id, false},
        {make_record(content_type{26}, some, 1), drop_reason::bad_record_type, false},
        {make_record(content_type::application_data, some, 1, 0, 0x0303), drop_reason::bad_version, false},
        {make_record(content_type::application_data, some, 1, 0, wire::dtls_1_2, std::uint16_t{61}),
         drop_reason::malformed_record, false},
        {{}, drop_reason::empty_datagram, false},
    };
}

}  // namespace

TEST_CASE(
    "RFC 6347 4.1.2.7: records that are not authentic are dropped by reason, and the session stays open")
{
    world around = with_either_layer();
    auto& client = around.connect();
    const auto session = around.session_of(client);
    for (const auto& [datagram, reason, reaches_session] : all_intruders()) {
        const auto before = around.counted();
        const auto decided = around.route(client.path(), datagram);
        CAPTURE(to_string(reason), to_string(decided.reason));
        CHECK(decided.disposition == disposition::dropped);
        CHECK(decided.reason == reason);
        const auto after = around.counted();
        CHECK(after.dropped[reason] == before.dropped[reason] + 1);
        CHECK(after.discarded[reason] == before.discarded[reason] + (reaches_session ? 1 : 0));
        CHECK(around.outgoing.empty());
        CHECK(session->is_open());
    }
    CHECK(around.echoes(client));
    CHECK(around.counted().balanced());
}

TEST_CASE("RFC 6347 4.1.2.6: a record is delivered once, and its replay is dropped as replayed_record")
{
    world around = with_either_layer();
    auto& client = around.connect();
    client.send("once");
    const auto datagram = client.sent.back();
    CHECK(around.deliver(client).disposition == disposition::delivered);
    CHECK(around.route(client.path(), datagram).reason == drop_reason::replayed_record);
    CHECK(around.counted().messages_received == 1);
    CHECK(around.counted().dropped[drop_reason::replayed_record] == 1);
    CHECK(around.session_of(client)->messages().pop()->size == 4);
    for (int i = 0; i < 64; ++i) CHECK(around.echoes(client));
    CHECK(around.route(client.path(), datagram).reason == drop_reason::replayed_record);  // beyond the window
    CHECK(around.counted().dropped[drop_reason::replayed_record] == 2);
    CHECK(around.echoes(client));
}

TEST_CASE("A record with any bit changed is dropped, and the original record is still delivered")
{
    world around = with_either_layer();
    auto& client = around.connect();
    client.send("hello there");
    const auto datagram = client.sent.back();
    for (std::size_t at = 0; at < datagram.size(); ++at) {
        auto changed = datagram;
        changed[at] ^= std::byte{0x10};
        CAPTURE(at);
        CHECK(around.route(client.path(), changed).disposition == disposition::dropped);
    }
    CHECK(around.deliver(client).disposition == disposition::delivered);
    CHECK(around.session_of(client)->messages().pop()->size == 11);
}

TEST_CASE("RFC 6347 4.1.1: all records of a datagram are processed, and only the bad ones are dropped")
{
    world around = with_either_layer();
    auto& client = around.connect();
    client.send("one");
    client.send("two");
    const auto two = client.outgoing.back();
    const auto one = client.outgoing.front();
    client.outgoing.clear();
    const auto bad = make_record(content_type::application_data, octets(40), 1, 100);
    const auto plain = make_record(content_type::alert, make_octets({2, 40}));
    const auto decided = around.route(client.path(), bad + one + plain + two + make_octets({23}));
    CHECK(decided.disposition == disposition::delivered);
    const auto counted = around.counted();
    CHECK(counted.messages_received == 2);
    CHECK(counted.discarded[drop_reason::bad_record_mac] == 1);
    CHECK(counted.discarded[drop_reason::plaintext_on_session] == 1);
    CHECK(counted.discarded[drop_reason::malformed_record] == 1);
    CHECK(counted.dropped.total() == 0);
    CHECK(counted.balanced());
    auto& messages = around.session_of(client)->messages();
    CHECK(wire::as_text(messages.pop()->bytes()) == "one");
    CHECK(wire::as_text(messages.pop()->bytes()) == "two");
}

TEST_CASE("A datagram of bad records only is dropped for the reason of its first record")
{
    world around = with_either_layer();
    auto& client = around.connect();
    const auto decided =
        around.route(client.path(), make_record(content_type::application_data, octets(40), 2) +
                                        make_record(content_type::application_data, octets(40), 1, 99));
    CHECK(decided.disposition == disposition::dropped);
    CHECK(decided.reason == drop_reason::bad_epoch);
    CHECK(around.counted().discarded.total() == 2);
    CHECK(around.counted().dropped.total() == 1);
}

TEST_CASE("RFC 6347 4.2.4: the last flight is retransmitted when the client repeats its own")
{
    world around = with_either_layer();
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    for (const auto& [path, datagram] : std::exchange(around.outgoing, {})) client.take(datagram);
    while (!client.outgoing.empty()) CHECK(around.deliver(client).disposition == disposition::delivered);
    CHECK(around.session_of(client));
    CHECK(around.outgoing.size() == 1);
    around.outgoing.clear();  // lost
    CHECK_FALSE(client.connected());

    around.now = client.association().next_wake();
    client.on_timer();
    around.settle();
    CHECK(client.connected());
    CHECK(around.counted().flights_repeated == 1);
    CHECK(around.counted().handshakes_started == 1);
    CHECK(around.echoes(client));
}

TEST_CASE("RFC 5246 7.2.1: close_notify is answered with close_notify, and the session closes")
{
    world around = with_either_layer();
    auto& client = around.connect();
    const auto session = around.session_of(client);
    client.close();
    CHECK(around.deliver(client).disposition == disposition::delivered);
    CHECK(session->close_reason() == close_reason::peer_closed);
    CHECK(around.outgoing.size() == 1);
    around.settle();
    CHECK(client.association().phase() == sessions::phase::closed);
    CHECK(around.server->size() == 0);
    CHECK(around.counted().sessions_closed == 1);
}

TEST_CASE("RFC 5246 7.2.1: the server waits for the peer's close_notify for two seconds at most")
{
    world around = with_either_layer();
    auto& client = around.connect();
    const auto session = around.session_of(client);
    around.server->close(*session, close_reason::closed_here, around.now, around);
    CHECK(session->phase() == sessions::phase::closing);
    CHECK(around.outgoing.size() == 1);
    SECTION("the peer's close_notify arrives")
    {
        around.settle();
        CHECK(client.association().close_reason() == close_reason::peer_closed);
    }
    SECTION("data on its way is dropped as session_closing")
    {
        client.send("too late");
        CHECK(around.deliver(client).reason == drop_reason::session_closing);
        around.settle();
    }
    SECTION("the peer's close_notify does not arrive")
    {
        around.pass(1'980ms);
        CHECK(around.server->size() == 1);
        around.pass(40ms);
    }
    CHECK(session->phase() == sessions::phase::closed);
    CHECK(session->close_reason() == close_reason::closed_here);
    CHECK(around.server->size() == 0);
    around.pass(2s);  // until the load of the last hello has decayed too
    CHECK(around.server->next_wake() == no_deadline);
}

TEST_CASE("end_all sends close_notify to every session, removes every handshake and leaves no state")
{
    world around = with_either_layer();
    auto& one = around.connect(1);
    auto& two = around.connect(2);
    CHECK(around.begin(around.add_client(3)).disposition == disposition::delivered);
    CHECK(around.begin(around.add_client(1)).disposition ==
          disposition::delivered);  // at the address of a session
    around.outgoing.clear();
    around.server->refuse_new_handshakes();
    around.server->close_all(close_reason::server_stopped, around.now, around);
    CHECK(around.listener.ends.size() == 4);
    for (const auto& end : around.listener.ends) CHECK(end.why == close_reason::server_stopped);
    CHECK(around.server->size() == 0);
    CHECK(around.server->half_open() == 0);
    CHECK(around.outgoing.size() == 2);
    around.settle();
    CHECK(one.association().close_reason() == close_reason::peer_closed);
    CHECK(two.association().close_reason() == close_reason::peer_closed);
    CHECK(around.counted().associations == 0);
}

TEST_CASE("receive_queue_messages: a message that finds the queue full is dropped and counted")
{
    limits few;
    few.receive_queue_messages = 3;
    world around = with_either_layer(few);
    auto& client = around.connect();
    for (int i = 0; i < 5; ++i) client.send(std::to_string(i));
    for (int i = 0; i < 5; ++i) (void)around.deliver(client);
    CHECK(around.counted().messages_received == 3);
    CHECK(around.counted().dropped[drop_reason::receive_queue_full] == 2);
    CHECK(around.counted().balanced());
    for (int i = 0; i < 3; ++i) (void)around.session_of(client)->messages().pop();
    CHECK(around.echoes(client));
}

TEST_CASE(
    "receive_queue_bytes_total: sessions with slow handlers do not take capacity from a session that reads")
{
    constexpr unsigned slow = 10;
    limits few;
    few.receive_queue_bytes_total = 20'000;
    world around = with_either_layer(few);
    for (unsigned host = 1; host <= slow; ++host) {
        auto& client = around.add_client(host);
        around.connect(client);
        for (int i = 0; i < 10; ++i) {
            client.send(std::string(1'000, 'x'));
            (void)around.deliver(client);
        }
    }
    CHECK(around.counted().dropped[drop_reason::receive_queue_full] > 50);

    auto& other = around.add_client(slow + 1);
    around.connect(other);
    for (int i = 0; i < 20; ++i) CHECK(around.echoes(other));
    CHECK(around.counted().balanced());
}
