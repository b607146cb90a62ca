// The handshake engines of client and server, with connection ids (RFC 9146) and without, from the
// ClientHello on. The real records of both are changed, truncated, repeated, left out and reordered, with
// timers in between.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "support/seeded_tls.hpp"
#include "support/tamper.hpp"
#include "tls/gnutls_aead.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using fuzz::hold;
using test::octets;

namespace {

/// Features of both sides; bits of one byte.
enum : std::size_t { detached = 1, servers_id = 2, client_offers = 4, clients_id = 8, no_path_checks = 16 };
constexpr std::size_t servers_id_size = 8, clients_id_size = 4;

std::size_t clients_id_of(std::size_t features) { return (features & clients_id) != 0 ? clients_id_size : 0; }

tls::handshake_settings settings(fuzz::input& in)
{
    tls::handshake_settings chosen;
    chosen.handshake_mtu = in.flip() ? 1'200 : 300;
    chosen.early_records = in.below(4);
    return chosen;
}

std::shared_ptr<record::aead_cache> ciphers()
{
    return std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
}

wire::own_connection_id id(std::size_t size)
{
    return wire::own_connection_id{octets(size, std::byte{0x1d})};
}

tls::handshake_settings clients(tls::handshake_settings chosen, std::size_t features)
{
    if (features & (detached | client_offers)) chosen.ciphers = ciphers();
    if (features & client_offers) chosen.connection_id = id(clients_id_of(features));
    return chosen;
}

tls::handshake_settings servers(tls::handshake_settings chosen, std::size_t features)
{
    if (features & (detached | servers_id)) chosen.ciphers = ciphers();
    if (features & servers_id) chosen.connection_id = id(servers_id_size);
    return chosen;
}

struct side {
    tls::handshake& engine;
    std::deque<octets>& inbox;
    test::queue_outbox& out;
    std::size_t id_size;         ///< bytes of the ids in received records
    std::vector<octets> seen{};  ///< datagrams received so far
};

void take(side& to, const octets& datagram, time_point now)
{
    for (const auto& record : test::records_of(datagram, to.id_size)) {
        const auto fed = to.engine.feed(record, now, to.out);
        hold(!fed.plaintext_fatal_alert || !fed.consumed, "a plaintext alert is dropped");
    }
}

void step(side& to, fuzz::input& in, time_point& now)
{
    const auto act = in.below(8);
    if (act == 0) {
        now += std::chrono::milliseconds{in.u16()};
        return to.engine.on_timer(now, to.out);
    }
    if (act == 1) return take(to, in.octets(in.below(300)), now);
    auto& from =
        act < 4 && !to.seen.empty()
            ? to.seen
            : (to.seen.insert(to.seen.end(), to.inbox.begin(), to.inbox.end()), to.inbox.clear(), to.seen);
    if (from.empty()) return;
    const auto newest = from.size() - 1;
    auto datagram = from[act > 5 ? newest : in.below(from.size())];
    if (act & 1)
        for (auto changes = in.below(3); changes > 0; --changes) test::tamper(datagram, in, from);
    take(to, datagram, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    test::seed_tls_random(1);
    fuzz::input in{data, size};
    const auto common = settings(in);
    const auto features = in.u8();
    test::know_path_checks((features & no_path_checks) == 0);
    test::tls_pair pair{clients(common, features)};
    pair.server =
        tls::make_server_handshake(test::any_server_context(), servers(common, features), {}, pair.path);
    pair.deliver_to_server();  // the hello
    side server{*pair.server, pair.to_server.datagrams, pair.to_client, servers_id_size};
    side client{*pair.client, pair.to_client.datagrams, pair.to_server, clients_id_of(features)};
    for (int steps = 0; steps < 100 && !in.done(); ++steps) {
        step(in.flip() ? server : client, in, pair.now);
        hold(pair.to_client.datagrams.size() + pair.to_server.datagrams.size() < 1'000,
             "there is no storm of retransmissions");
        for (auto* each : {&server, &client})
            hold((each->engine.status() == tls::handshake_status::failed) == bool{each->engine.error()},
                 "a handshake has an error if and only if it failed");
    }
    for (auto* each : {&server, &client}) {
        if (each->engine.status() != tls::handshake_status::done) continue;
        (void)each->engine.facts();
        const auto early = each->engine.take_early_records();
        hold(early.size() <= 4, "early records are within their limit");
        const auto protection = each->engine.take_protection();
        const bool agreed = (features & servers_id) != 0 && (features & client_offers) != 0;
        hold(agreed == (protection->ids() != nullptr), "ids are used if and only if both want them");
        hold(protection->seal(wire::as_bytes("data"), pair.path, each->out) == record::sealed::sent,
             "a message can be sealed");
    }
    return 0;
}
