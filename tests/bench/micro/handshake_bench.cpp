// Cost of the server's side of a handshake in memory. The client's steps are not counted.
#include "bench/micro/harness.hpp"
#include "bench/support/suites.hpp"
#include "support/tls_pair.hpp"
#include "tls/gnutls_aead.hpp"

#include <stdexcept>
#include <utility>

namespace quivive::bench {

namespace {

using contexts = std::pair<std::shared_ptr<const tls::context>, std::shared_ptr<const tls::context>>;

contexts make_contexts(const std::string& psk)
{
    server_credentials credentials;
    credentials.self_signed_if_none = true;
    if (!psk.empty())
        credentials.psk = [known = credentials_of(psk)](std::string_view) {
            return std::optional{known.psk_key};
        };
    return {tls::make_server_context(credentials, {}), make_client_context(psk)};
}

std::chrono::nanoseconds server_time(const contexts& both, const tls::handshake_settings& settings)
{
    std::chrono::nanoseconds took{0};
    const auto timed = [&took](auto&& step) {
        const auto begin = cpu_now();
        step();
        took += cpu_now() - begin;
    };
    test::queue_outbox to_server, to_client;
    const time_point now{std::chrono::hours{1}};
    const auto client = tls::make_client_handshake(both.second, settings, {}, now, to_server);
    std::unique_ptr<tls::handshake> server;
    timed([&] { server = tls::make_server_handshake(both.first, settings, {}, {}); });
    while (!to_server.datagrams.empty() || !to_client.datagrams.empty()) {
        for (const auto& datagram : std::exchange(to_server.datagrams, {}))
            timed([&] {
                for (const auto& record : test::records_of(datagram))
                    (void)server->feed(record, now, to_client);
            });
        for (const auto& datagram : std::exchange(to_client.datagrams, {}))
            for (const auto& record : test::records_of(datagram)) (void)client->feed(record, now, to_server);
    }
    if (server->status() != tls::handshake_status::done || client->status() != tls::handshake_status::done)
        throw std::logic_error{"the handshake did not finish"};
    std::unique_ptr<record::protection> session;
    timed([&] {
        session = server->take_protection();
        server.reset();
    });
    return took;
}

void measure(harness& with, const std::string& name, const std::string& psk)
{
    if (!with.wants(name)) return;
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    with.measure(name, [&, both = make_contexts(psk)](std::size_t times) {
        std::chrono::nanoseconds all{0};
        for (std::size_t i = 0; i < times; ++i) all += server_time(both, settings);
        return all;
    });
}

}  // namespace

void measure_handshakes(harness& with)
{
    measure(with, "handshake/PSK", "client:30313233343536373839616263646566");
    measure(with, "handshake/ECDHE-ECDSA", "");
}

}  // namespace quivive::bench
