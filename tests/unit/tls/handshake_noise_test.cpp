#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/server_meeting.hpp"

#include <array>
#include <random>

// Slightly corrupted records; failures print the seed.

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

/// Changes a few bytes, but not the type and the length. The epoch is kept in half of the cases.
octets spoilt(octets record, std::mt19937& random)
{
    const auto changes = 1 + random() % 4;
    for (unsigned i = 0; i < changes; ++i) {
        auto at = random() % record.size();
        if (at == 11 || at == 12 || at < 3) at = record.size() - 1;
        if (at < 5 && random() % 2 == 0) continue;
        record[at] = static_cast<std::byte>(random());
    }
    return record;
}

}  // namespace

TEST_CASE("handshake: corrupted records cause neither a crash nor a failure without an error")
{
    const auto seed = GENERATE(range(1U, 61U));
    CAPTURE(seed);
    std::mt19937 random{seed};
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    peer.let_client_go_on();
    const auto hello = peer.sent_by_client();
    if (seed % 4 != 0) (void)peer.feed(hello.front());
    peer.let_client_go_on();
    auto genuine = peer.sent_by_client();
    genuine.push_back(hello.front());
    for (int i = 0; i < 40; ++i) {
        const auto record = spoilt(genuine[random() % genuine.size()], random);
        if (records_of(record).empty()) continue;
        (void)peer.feed(record);
        peer.now += std::chrono::milliseconds{random() % 400};
        peer.on_timer();
    }
    CHECK((peer.server->status() == handshake_status::failed) == static_cast<bool>(peer.server->error()));
}

TEST_CASE("attached: corrupted records are dropped, and the session stays open")
{
    const auto seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    std::mt19937 random{seed};
    plain_client client{dtls_1_2};
    tls_peer peer{client, any_server_context()};
    peer.settle();
    peer.establish();
    constexpr std::array types{wire::content_type::alert, wire::content_type::handshake,
                               wire::content_type::application_data, wire::content_type::heartbeat};
    for (int i = 0; i < 40; ++i) {
        const auto genuine = peer.sealed_by_client(types[random() % types.size()], wire::as_bytes("hello"));
        auto record = spoilt(genuine, random);
        if (record == genuine || records_of(record).empty()) continue;
        CHECK(peer.open(record).kind == record::opened_kind::discarded);
    }
    for (int i = 0; i < 3; ++i) CHECK(peer.echo("hello") == "hello");
}
