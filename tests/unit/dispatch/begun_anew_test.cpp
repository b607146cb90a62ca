// A client that restarts in its handshake and sends another hello from the same port. In a trusted network,
// or with a cookie, only the client itself can have sent that hello.
#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "support/late_workers.hpp"
#include "support/tls_peer.hpp"
#include "wire/handshake.hpp"

#include <set>
#include <vector>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;
using sessions::close_reason;

namespace {

/// A client whose hello has some 500 bytes.
std::shared_ptr<const tls::context> wordy_client()
{
    static const auto context = [] {
        tls::context_options options;
        for (char c = 'a'; c < 'i'; ++c) options.alpn.emplace_back(31, c);
        return client_context_with(options);
    }();
    return context;
}

/// A new client on the port of `client`. Datagrams on their way to the old one are lost.
remote& restart(world& around, remote& client)
{
    client.outgoing.clear();
    around.outgoing.clear();
    const auto path = client.path();
    client.move_to(9);  // later datagrams to the port are not for the old one
    auto& again = around.add_client();
    REQUIRE(again.path() == path);
    return again;
}

/// Sends the hello, whole or in fragments, until the first datagram is admitted.
void begin_in_pieces(world& around, remote& client)
{
    client.hello();
    for (dispatch::decision decided; decided.disposition != disposition::delivered;) {
        REQUIRE(!client.outgoing.empty());
        decided = around.deliver(client);
        if (decided.disposition != disposition::answered) continue;
        client.take(around.outgoing.back().second);
        around.outgoing.pop_back();
    }
}

/// The randoms of the ServerHellos sent.
std::set<octets> servers_randoms(const world& around)
{
    std::set<octets> all;
    for (const auto& [path, datagram] : around.outgoing)
        for (const auto& record : records_of(datagram)) {
            wire::reader in{record.payload};
            const auto message = wire::read_handshake(in);
            if (record.epoch != 0 || message.type != wire::handshake_type::server_hello) continue;
            const auto random = message.body.subspan(2, 32);
            all.emplace(random.begin(), random.end());
        }
    return all;
}

}  // namespace

TEST_CASE(
    "Client restart: a new hello replaces the client's handshake at once and the old flight is not repeated")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        auto& first = around.add_client();
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        const auto former = servers_randoms(around);
        REQUIRE(former.size() == 1);
        around.pass(100ms);
        auto& again = restart(around, first);
        REQUIRE(around.begin(again).disposition == disposition::delivered);
        CHECK(around.counted().handshakes_displaced == 1);
        CHECK(around.server->size() == 1);
        around.pass(5s);  // flights are retransmitted
        const auto present = servers_randoms(around);
        CHECK(present.size() == 1);
        CHECK(present != former);
        CHECK(around.counted().flights_repeated > 0);
        around.settle();
        CHECK(again.connected());
        CHECK(around.echoes(again));
        CHECK(around.counted().balanced());
    }
}

TEST_CASE(
    "Client restart: a late repeat of a replaced hello is stale, during the handshake and in the session")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        auto& first = around.add_client();
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        auto& second = restart(around, first);
        REQUIRE(around.begin(second).disposition == disposition::delivered);
        auto& third = restart(around, second);
        REQUIRE(around.begin(third).disposition == disposition::delivered);
        const auto repeat = [&] {
            for (const auto* former : {&first, &second})
                for (const auto& hello : former->sent)
                    CHECK(around.route(third.path(), hello).reason == drop_reason::stale_client_hello);
        };
        const auto sent = around.outgoing.size();
        repeat();
        around.now += 3s;
        repeat();
        CHECK(around.outgoing.size() == sent);
        CHECK(around.counted().handshakes_displaced == 2);
        around.settle();
        CHECK(third.connected());
        repeat();
        CHECK(around.server->size() == 1);
        CHECK(around.echoes(third));
        CHECK(around.counted().balanced());
    }
}

TEST_CASE("Client restart: a new hello replaces a handshake that runs beside the client's former session")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        auto& old = around.connect();
        const auto session = around.session_of(old);
        auto& first = restart(around, old);
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        auto& again = restart(around, first);
        REQUIRE(around.begin(again).disposition == disposition::delivered);
        CHECK(around.route(again.path(), first.sent.back()).reason == drop_reason::stale_client_hello);
        CHECK(session->is_open());
        around.settle();
        CHECK(again.connected());
        CHECK(session->close_reason() == close_reason::replaced);
    }
}

TEST_CASE("Client restart: a fragmented hello replaces a handshake whose hello was whole or fragmented")
{
    const bool former_in_fragments = GENERATE(false, true);
    for (const auto& policy : each_exchange()) {
        world around{{}, policy, any_server_context(), wordy_client()};
        if (former_in_fragments) around.settings.handshake_mtu = 300;
        auto& first = around.add_client();
        begin_in_pieces(around, first);
        while (!first.outgoing.empty()) (void)around.deliver(first);

        around.settings.handshake_mtu = 300;
        auto& again = restart(around, first);
        begin_in_pieces(around, again);
        CHECK(around.counted().handshakes_displaced == 1);
        CHECK(around.route(again.path(), first.sent.front()).reason == drop_reason::stale_client_hello);
        around.settle();
        CHECK(again.connected());
        CHECK(around.echoes(again));
        CHECK(around.counted().balanced());
    }
}

TEST_CASE("Client restart: a new hello replaces a handshake with a step on a handshake thread")
{
    for (const auto& policy : each_exchange()) {
        late_workers workers;
        world around{{}, policy, any_server_context(), any_client_context(), nullptr, &workers};
        auto& first = around.add_client();
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        REQUIRE(workers.steps.size() == 1);
        auto& again = restart(around, first);
        REQUIRE(around.begin(again).disposition == disposition::delivered);
        REQUIRE(workers.steps.size() == 2);
        workers.do_one(around);
        CHECK(around.outgoing.empty());  // the step's handshake no longer exists
        CHECK(around.route(again.path(), first.sent.back()).reason == drop_reason::stale_client_hello);
        workers.settle(around);
        CHECK(again.connected());
        CHECK(around.counted().handshakes_displaced == 1);
        CHECK(around.counted().balanced());
    }
}

TEST_CASE(
    "Client restart: a new hello replaces an unanswered attempt and is offered even with a full accept queue")
{
    const auto answer = GENERATE(dispatch::admission_action::offer, dispatch::admission_action::queue_full);
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        around.listener.answer = dispatch::admission_action::offer;
        auto& first = around.add_client();
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        REQUIRE(around.listener.offers.size() == 1);
        const auto former = around.listener.offers.front();
        auto& again = restart(around, first);
        around.listener.answer = answer;
        REQUIRE(around.begin(again).disposition == disposition::delivered);
        CHECK(former->close_reason() == close_reason::displaced);
        CHECK_FALSE(around.server->accept(*former, around.now, around));
        REQUIRE(around.listener.offers.size() == 1);
        CHECK(around.route(again.path(), first.sent.back()).reason == drop_reason::stale_client_hello);
        CHECK(around.server->accept(*around.listener.offers.front(), around.now, around));
        around.settle();
        CHECK(again.connected());
        // An attempt of another peer finds the queue full.
        around.listener.answer = dispatch::admission_action::queue_full;
        CHECK(around.begin(around.add_client(2)).reason == drop_reason::accept_queue_full);
    }
}

TEST_CASE("Client restart: a new hello that replaces its own handshake is admitted at every limit")
{
    limits one;
    one.max_half_open = one.max_half_open_per_source = one.max_sessions = 1;
    for (const auto& policy : each_exchange()) {
        world around{one, policy};
        auto& first = around.add_client();
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        auto& again = restart(around, first);
        REQUIRE(around.begin(again).disposition == disposition::delivered);
        CHECK(around.counted().half_open == 1);
        around.settle();
        CHECK(again.connected());
    }
}

TEST_CASE("Client restart: each of six hellos costs one signature, however often it is repeated")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        std::vector<octets> hellos;
        auto* client = &around.add_client();
        for (int i = 0; i < 6; ++i) {
            if (i > 0) client = &restart(around, *client);
            REQUIRE(around.begin(*client).disposition == disposition::delivered);
            hellos.push_back(client->sent.back());
        }
        CHECK(around.signatures == 6);
        for (int round = 0; round < 3; ++round)
            for (int i = 0; i < 5; ++i)
                CHECK(around.route(client->path(), hellos[static_cast<std::size_t>(i)]).reason ==
                      drop_reason::stale_client_hello);
        CHECK(around.signatures == 6);
        around.settle();
        CHECK(client->connected());
        CHECK(around.counted().balanced());
    }
}

TEST_CASE("Client restart: a replaced hello stays stale after the handshake in its place has failed")
{
    for (const auto& policy : each_exchange()) {
        world around{{}, policy};
        auto& first = around.add_client();
        REQUIRE(around.begin(first).disposition == disposition::delivered);
        auto& again = restart(around, first);
        REQUIRE(around.begin(again).disposition == disposition::delivered);
        for (const auto turn :
             {std::uint16_t{1},
              std::uint16_t{2}})  // the next message_seq after a hello, with or without a cookie
            (void)around.route(again.path(),
                               handshake_record({wire::handshake_type::finished, 4, turn, 0, counting(4)}));
        REQUIRE(around.counted().handshakes_failed == 1);
        CHECK(around.route(again.path(), first.sent.back()).reason == drop_reason::stale_client_hello);
        CHECK(around.signatures == 2);
        CHECK(around.counted().half_open == 0);
    }
}
