// Fragmented ClientHellos that wait for the application (`server::async_accept`).
#include "adaptive_world.hpp"
#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "talkative_client.hpp"
#include "wire/handshake.hpp"

using namespace quivive;
using namespace quivive::test;
using dispatch::disposition;

namespace {

/// Differences between a fragment and the first one.
struct difference {
    std::uint32_t offset = 300;
    std::size_t size = 1;
    std::uint32_t more_length = 0;
    std::uint16_t later = 0;  ///< difference in message_seq
};

octets more_of(const octets& first, const difference& other)
{
    wire::reader in{wire::first_record(first)->payload};
    const auto message = wire::read_handshake(in);
    return handshake_record({message.type, message.length + other.more_length,
                             static_cast<std::uint16_t>(message.message_seq + other.later), other.offset,
                             octets(other.size)});
}

/// An attempt that the application has not answered yet, with only the first fragment of its hello.
struct first_fragment_offered {
    explicit first_fragment_offered(limits chosen = {})
        : around{chosen, each_exchange().front(), any_server_context(), talkative_client()}
    {
        around.settings.handshake_mtu = 300;
        around.listener.answer = dispatch::admission_action::offer;
        client.hello();
        while (around.listener.offers.empty()) {
            REQUIRE(!client.outgoing.empty());
            if (around.deliver(client).disposition == disposition::answered)
                client.take(around.outgoing.back().second);
            if (around.listener.offers.empty()) continue;
            first = *(client.sent.end() - 1 - static_cast<std::ptrdiff_t>(client.outgoing.size()));
        }
    }
    dispatch::decision route(const difference& other)
    {
        return around.route(client.path(), more_of(first, other));
    }
    [[nodiscard]] std::size_t kept() const { return around.listener.offers.front()->pending->hello.size(); }

    world around;
    remote& client = around.add_client();
    octets first;
};

}  // namespace

TEST_CASE("Fragmented hello, accepted by hand: later fragments wait with the attempt, each stored once")
{
    world around{{}, each_exchange().front(), any_server_context(), talkative_client()};
    around.settings.handshake_mtu = 300;
    around.listener.answer = dispatch::admission_action::offer;
    auto& client = around.add_client();
    client.hello();
    around.settle();
    REQUIRE(around.listener.offers.size() == 1);
    const auto offered = around.listener.offers.front();
    const auto rest = client.sent.back();
    const auto kept = offered->pending->hello.size();
    CHECK(around.route(client.path(), rest).disposition == disposition::delivered);
    CHECK(offered->pending->hello.size() == kept);

    CHECK(around.server->accept(*offered, around.now, around));
    CHECK(around.signatures == 1);  // without a repeat by the client
    around.settle();
    CHECK(client.connected());
    CHECK(around.counted().balanced());
}

TEST_CASE("Fragmented hello, accepted by hand: max_handshake_message_bytes limits the waiting fragments")
{
    limits small;
    small.max_handshake_message_bytes = 1'024;
    first_fragment_offered here{small};
    dispatch::decision decided;
    for (std::uint32_t at = 300; at < 320; ++at) decided = here.route({.offset = at, .size = 100});
    CHECK(decided.reason == drop_reason::handshake_busy);
    CHECK(here.kept() <= 1'024);
    CHECK(here.kept() > 900);
    CHECK(here.around.counted().balanced());
}

TEST_CASE("Fragmented hello, accepted by hand: at most 64 fragments wait")
{
    first_fragment_offered here;
    std::size_t delivered = 0;
    for (std::uint32_t at = 300; at < 400; ++at)
        delivered += here.route({.offset = at}).disposition == disposition::delivered ? 1U : 0U;
    CHECK(delivered == 63);  // and the first one
    CHECK(here.around.counted().dropped[drop_reason::handshake_busy] == 37);
    CHECK(here.around.counted().balanced());
}

TEST_CASE(
    "Fragmented hello, accepted by hand: fragments of another hello are dropped as inconsistent_fragment")
{
    first_fragment_offered here;
    const auto before = here.kept();
    CHECK(here.route({.more_length = 1}).reason == drop_reason::inconsistent_fragment);
    CHECK(here.route({.later = 1}).reason == drop_reason::inconsistent_fragment);
    CHECK(here.kept() == before);
    CHECK(here.route({}).disposition == disposition::delivered);
    CHECK(here.kept() > before);
}

TEST_CASE("Whole hello, accepted by hand: fragments of its repeat are not stored")
{
    world around{{}, each_exchange().front()};
    around.listener.answer = dispatch::admission_action::offer;
    auto& client = around.add_client();
    REQUIRE(around.begin(client).disposition == disposition::delivered);
    const auto offered = around.listener.offers.front();
    const auto before = offered->pending->hello.size();
    CHECK(around.route(client.path(), more_of(client.sent.back(), {.offset = 50})).disposition ==
          disposition::delivered);
    CHECK(offered->pending->hello.size() == before);
    CHECK(around.server->accept(*offered, around.now, around));
    around.settle();
    CHECK(client.connected());
}
