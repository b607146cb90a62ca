#include "support/tls_pair.hpp"

#include <algorithm>
#include <variant>

namespace quivive::test {

std::vector<wire::record_view> records_of(const octets& datagram, std::size_t id_size)
{
    std::vector<wire::record_view> records;
    for (wire::record_cutter cutter{datagram, id_size}; !cutter.done();) {
        const auto cut = cutter.next();
        if (const auto* record = std::get_if<wire::record_view>(&cut)) records.push_back(*record);
    }
    return records;
}

std::shared_ptr<const tls::context> server_context_with(const tls::context_options& options)
{
    server_credentials credentials;
    credentials.self_signed_if_none = true;
    return tls::make_server_context(credentials, options);
}

std::shared_ptr<const tls::context> client_context_with(const tls::context_options& options)
{
    client_credentials credentials;
    credentials.insecure = true;
    return tls::make_client_context(credentials, options);
}

std::shared_ptr<const tls::context> any_server_context()
{
    static const auto context = server_context_with({});
    return context;
}

std::shared_ptr<const tls::context> any_client_context()
{
    static const auto context = client_context_with({});
    return context;
}

tls::context_options only_cipher(const std::string& name)
{
    return {.dtls_1_0 = false, .priority = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL:+" + name, .alpn = {}};
}

tls_pair::tls_pair(tls::handshake_settings settings, tls::prestate start,
                   std::shared_ptr<const tls::context> server_context,
                   std::shared_ptr<const tls::context> client_context)
    : client{tls::make_client_handshake(std::move(client_context), settings, path, now, to_server)},
      server{tls::make_server_handshake(std::move(server_context), settings, start, path)}
{
}

void tls_pair::deliver_to_server()
{
    const auto datagram = std::move(to_server.datagrams.front());
    to_server.datagrams.pop_front();
    for (const auto& record : records_of(datagram, servers_id_size))
        (void)server->feed(record, now, to_client);
}

void tls_pair::deliver_to_client()
{
    const auto datagram = std::move(to_client.datagrams.front());
    to_client.datagrams.pop_front();
    for (const auto& record : records_of(datagram, clients_id_size))
        (void)client->feed(record, now, to_server);
}

void tls_pair::settle()
{
    while (!to_server.datagrams.empty() || !to_client.datagrams.empty()) {
        if (!to_server.datagrams.empty()) deliver_to_server();
        if (!to_client.datagrams.empty()) deliver_to_client();
    }
}

void tls_pair::finish(std::chrono::seconds limit)
{
    const auto deadline = now + limit;
    for (settle(); !both_done(); settle()) {
        const auto wake = std::min(client->next_wake(), server->next_wake());
        if (wake > deadline) return;
        now = wake;
        client->on_timer(now, to_server);
        server->on_timer(now, to_client);
    }
}

bool tls_pair::both_done() const
{
    return client->status() == tls::handshake_status::done && server->status() == tls::handshake_status::done;
}

}  // namespace quivive::test
