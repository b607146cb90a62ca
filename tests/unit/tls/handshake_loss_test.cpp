#include "support/catch.hpp"
#include "support/mutual_contexts.hpp"
#include "support/tls_pair.hpp"
#include "unit/tls/server_meeting.hpp"

#include <algorithm>

// A network that loses, duplicates and reorders single records, in virtual time.

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

/// Both sides, with the protection and the last flight that remain after the handshake.
struct lossy_pair {
    struct side {
        tls::handshake* handshake = nullptr;
        queue_outbox* sends_to = nullptr;
        std::unique_ptr<record::protection> protection;
        tls::flight last_flight{1'200, 0};
        bool repeated = false;
    };

    explicit lossy_pair(tls::handshake_settings settings = {},
                        std::shared_ptr<const tls::context> server = any_server_context(),
                        std::shared_ptr<const tls::context> client = any_client_context())
        : pair{settings, {}, std::move(server), std::move(client)},
          client_side{pair.client.get(), &pair.to_server, nullptr},
          server_side{pair.server.get(), &pair.to_client, nullptr}
    {
    }

    /// `fate(n)` returns how many times the n-th record arrives.
    template <typename Fate>
    void run(Fate fate, std::chrono::seconds limit = std::chrono::seconds{30})
    {
        const auto deadline = pair.now + limit;
        for (settle(fate); !done() && pair.now < deadline; settle(fate)) {
            pair.now = std::min(pair.client->next_wake(), pair.server->next_wake());
            if (pair.now == no_deadline) return;
            if (!client_side.protection) pair.client->on_timer(pair.now, pair.to_server);
            if (!server_side.protection) pair.server->on_timer(pair.now, pair.to_client);
        }
    }
    [[nodiscard]] bool done() const { return client_side.protection && server_side.protection; }

    tls_pair pair;
    side client_side, server_side;
    int records = 0;

private:
    template <typename Fate>
    void settle(Fate fate)
    {
        while (!pair.to_server.datagrams.empty() || !pair.to_client.datagrams.empty()) {
            deliver(pair.to_server, server_side, fate);
            deliver(pair.to_client, client_side, fate);
        }
    }
    template <typename Fate>
    void deliver(queue_outbox& from, side& to, Fate fate)
    {
        for (const auto& datagram : std::exchange(from.datagrams, {}))
            for (const auto& record : records_of(datagram))
                for (int times = fate(records++); times > 0; --times) take(to, record);
    }
    void take(side& to, const wire::record_view& record)
    {
        if (to.protection) {
            if (record.epoch == 0) return;
            std::vector<std::byte> plaintext(record.payload.size());
            const auto opened = to.protection->open(record, plaintext, pair.path, *to.sends_to);
            if (opened.kind != record::opened_kind::repeated_finished || to.last_flight.empty()) return;
            to.last_flight.renew([&](std::span<std::byte> each) { to.protection->renew(each); });
            to.last_flight.send(pair.path, *to.sends_to);
            return;
        }
        (void)to.handshake->feed(record, pair.now, *to.sends_to);
        REQUIRE(to.handshake->status() != handshake_status::failed);
        if (to.handshake->status() != handshake_status::done) return;
        to.last_flight = to.handshake->take_last_flight();
        to.protection = to.handshake->take_protection();
    }
};

/// A pair in which the client shows a certificate too, which is the longest handshake.
lossy_pair mutual(const tls::handshake_settings& settings)
{
    static const auto contexts = with_certificates_both_ways();
    return lossy_pair{settings, contexts.server, contexts.client};
}

}  // namespace

TEST_CASE(
    "handshake: after the loss of any single record both sides finish within 5 seconds (RFC 6347 4.2.4)")
{
    lossy_pair whole;
    whole.run([](int) { return 1; });
    REQUIRE(whole.done());
    REQUIRE(whole.records >= 10);
    for (int lost = 0; lost < whole.records; ++lost) {
        CAPTURE(lost);
        lossy_pair pair;
        pair.run([lost](int n) { return n == lost ? 0 : 1; }, std::chrono::seconds{5});
        CHECK(pair.done());
    }
}

TEST_CASE("handshake: with mutual certificates and small datagrams two records may be lost")
{
    tls::handshake_settings settings;
    settings.handshake_mtu = 300;
    auto whole = mutual(settings);
    whole.run([](int) { return 1; });
    REQUIRE(whole.done());
    for (int lost = 0; lost < whole.records; ++lost) {
        CAPTURE(lost);
        auto pair = mutual(settings);
        pair.run([&](int n) { return n == lost || n == lost + 3 ? 0 : 1; });
        CHECK(pair.done());
    }
}

TEST_CASE("handshake: when every record arrives twice no flight is answered twice")
{
    lossy_pair once, twice;
    once.run([](int) { return 1; });
    twice.run([](int) { return 2; });
    CHECK(twice.done());
    CHECK(twice.records == once.records);
}

TEST_CASE("handshake: both sides finish when half of all records are lost")
{
    const auto seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    auto state = seed;
    lossy_pair pair;
    pair.run(
        [&state](int) {
            state = state * 1'664'525 + 1'013'904'223;
            return static_cast<int>(state >> 31);
        },
        std::chrono::seconds{600});
    CHECK(pair.done());
}

TEST_CASE("handshake: the records of the server's flights may arrive in any order")
{
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        CAPTURE(order);
        tls_pair pair;
        pair.deliver_to_server();
        const auto flight = std::exchange(pair.to_client.datagrams, {}).front();
        const auto records = records_of(flight);
        REQUIRE(records.size() == 4);  // ServerHello, Certificate, ServerKeyExchange, ServerHelloDone
        for (const auto i : order) (void)pair.client->feed(records[i], pair.now, pair.to_server);
        REQUIRE_FALSE(pair.to_server.datagrams.empty());
        pair.deliver_to_server();
        const auto last = std::exchange(pair.to_client.datagrams, {}).front();
        const auto last_records = records_of(last);
        for (const auto i : order)
            if (i < last_records.size()) (void)pair.client->feed(last_records[i], pair.now, pair.to_server);
        CHECK(pair.both_done());
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("handshake: retransmissions without an answer use smaller datagrams (RFC 6347 4.1.1.1)")
{
    tls_pair pair;
    pair.deliver_to_server();
    const auto largest = [&] {
        std::size_t most = 0;
        for (const auto& datagram : std::exchange(pair.to_client.datagrams, {}))
            most = std::max(most, datagram.size());
        return most;
    };
    REQUIRE(largest() > 548);
    for (int i = 0; i < 2; ++i) {
        pair.now = pair.server->next_wake();
        pair.server->on_timer(pair.now, pair.to_client);
        CHECK(largest() > 548);
    }
    pair.now = pair.server->next_wake();
    pair.server->on_timer(pair.now, pair.to_client);
    for (const auto& datagram : pair.to_client.datagrams) CHECK(datagram.size() <= 548);
    pair.settle();
    CHECK(pair.both_done());
}
