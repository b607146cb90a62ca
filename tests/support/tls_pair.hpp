#pragma once

#include "tls/context.hpp"
#include "tls/handshake.hpp"
#include "wire/outbox.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace quivive::test {

using octets = std::vector<std::byte>;

/// Keeps the sent datagrams in order.
struct queue_outbox final : wire::outbox {
    std::deque<octets> datagrams;
    void send(const wire::path&, wire::bytes datagram) noexcept override
    {
        datagrams.emplace_back(datagram.begin(), datagram.end());
    }
};

/// Returns the records of a datagram, for a receiver whose connection id has `id_size` bytes. The datagram
/// must outlive them.
[[nodiscard]] std::vector<wire::record_view> records_of(const octets& datagram, std::size_t id_size = 0);

/// Returns a test server's context with a throw-away certificate.
[[nodiscard]] std::shared_ptr<const tls::context> server_context_with(const tls::context_options& options);
[[nodiscard]] std::shared_ptr<const tls::context> client_context_with(const tls::context_options& options);
/// The same with default options; made once.
[[nodiscard]] std::shared_ptr<const tls::context> any_server_context();
[[nodiscard]] std::shared_ptr<const tls::context> any_client_context();

/// Returns options for DTLS 1.2 with one cipher only, by its GnuTLS name.
[[nodiscard]] tls::context_options only_cipher(const std::string& name);

/// A client's and a server's handshake in virtual time, with a network between them that a test may tamper
/// with.
struct tls_pair {
    explicit tls_pair(tls::handshake_settings settings = {}, tls::prestate start = {},
                      std::shared_ptr<const tls::context> server_context = any_server_context(),
                      std::shared_ptr<const tls::context> client_context = any_client_context());

    time_point now{std::chrono::hours{1}};
    wire::path path;
    queue_outbox to_server, to_client;
    std::unique_ptr<tls::handshake> client, server;
    std::size_t clients_id_size = 0, servers_id_size = 0;  ///< for connection ids, if used

    /// Passes every record of the front datagram to one side.
    void deliver_to_server();
    void deliver_to_client();
    /// Continues both handshakes until no datagram is in flight.
    void settle();
    /// The same, and advances the time while either side is not done, up to `limit`.
    void finish(std::chrono::seconds limit = std::chrono::seconds{60});
    [[nodiscard]] bool both_done() const;
};

}  // namespace quivive::test
