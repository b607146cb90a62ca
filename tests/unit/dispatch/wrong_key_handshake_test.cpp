// A client with a wrong PSK: the handshake ends at the client's first repeat, on the shard's thread and on
// handshake threads.
#include "support/catch.hpp"
#include "support/late_workers.hpp"

#include <utility>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

struct psk_world {
    explicit psk_world(bool beside, const std::string& identity, const std::string& clients_key)
        : around{{},
                 {},
                 tls::make_server_context(alices_key(), {}),
                 tls::make_client_context(client_with(identity, clients_key), {}),
                 nullptr,
                 beside ? &workers : nullptr}
    {
    }
    void settle() { workers.settle(around); }
    /// Runs the server's pending work without delivering anything.
    void work()
    {
        while (!workers.steps.empty()) workers.do_one(around);
    }

    late_workers workers;
    world around;

private:
    static server_credentials alices_key()
    {
        server_credentials credentials;
        credentials.psk = [](std::string_view identity) {
            return identity == "alice" ? secret::from_hex("00ff") : std::nullopt;
        };
        return credentials;
    }
    static client_credentials client_with(const std::string& identity, const std::string& key)
    {
        client_credentials credentials;
        credentials.psk_identity = identity;
        credentials.psk_key = *secret::from_hex(key);
        return credentials;
    }
};

}  // namespace

TEST_CASE(
    "A wrong PSK or an unknown identity fails at the client's first repeat and is counted as a wrong key")
{
    const bool beside = GENERATE(false, true), known = GENERATE(false, true);
    CAPTURE(beside, known);
    psk_world here{beside, known ? "alice" : "nobody", "0102"};
    auto& client = here.around.add_client();
    client.hello();
    here.settle();
    CHECK(here.around.counted().half_open == 1);
    CHECK(here.around.counted().discarded[drop_reason::bad_record_mac] == 1);

    here.around.now = client.association().next_wake();
    client.on_timer();
    here.settle();
    const auto counted = here.around.counted();
    CHECK(counted.half_open == 0);
    CHECK(counted.handshakes_failed == 1);
    CHECK(counted.handshakes_wrong_key == 1);
    CHECK(counted.discarded[drop_reason::bad_record_mac] == 2);
    CHECK(counted.balanced());
    REQUIRE(here.around.listener.ends.size() == 1);
    CHECK(here.around.listener.ends.front().why == sessions::close_reason::handshake_failed);

    // The server's alert is plaintext and may be forged. So the client waits for the grace before it gives
    // up.
    CHECK(client.association().next_wake() <= here.around.now + here.around.limits.alerted_handshake_grace);
}

TEST_CASE(
    "Forged Finisheds of a client's address do not end its handshake, with or without handshake threads")
{
    const bool beside = GENERATE(false, true);
    CAPTURE(beside);
    psk_world here{beside, "alice", "00ff"};
    auto& client = here.around.add_client();
    CHECK(here.around.begin(client).disposition == dispatch::disposition::delivered);
    here.work();
    for (const auto& [path, datagram] : std::exchange(here.around.outgoing, {})) client.take(datagram);
    REQUIRE(!client.outgoing.empty());  // its last flight, which is late
    // A Finished as AES-256-GCM or AES-128-GCM protects it; the server chooses one of them for the test's
    // client.
    octets forged(wire::record_header_size + 8 + 24 + 16);
    forged[0] = std::byte{22};
    forged[1] = std::byte{0xfe};
    forged[2] = std::byte{0xfd};
    forged[4] = std::byte{1};
    forged[12] = std::byte{48};
    for (int i = 0; i < 3; ++i) {
        (void)here.around.route(client.path(), forged);
        here.work();
        here.around.now += 1s;
    }
    here.settle();
    CHECK(client.connected());
    (void)here.around.route(client.path(), forged);
    here.settle();
    CHECK(here.around.counted().handshakes_wrong_key == 0);
    CHECK(here.around.echoes(client));
}
