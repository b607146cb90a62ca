#include "support/world.hpp"

#include "gate/key_ring.hpp"
#include "tls/cookies.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/random.hpp"
#include "wire/handshake.hpp"

namespace quivive::test {

using dispatch::admission_action;

admission_action recording_listener::admit(const wire::client_hello_view&, const wire::path&,
                                           const gate::verdict& verdict, const load&) noexcept
{
    ++asked;
    last_proven = verdict.validated;
    return answer;
}

void recording_listener::offered(dispatch::connection& connection, const wire::client_hello_view&) noexcept
{
    offers.push_back(connection.shared_from_this());
}

void recording_listener::established(dispatch::connection& connection) noexcept
{
    sessions.push_back(connection.shared_from_this());
}

void recording_listener::moved(dispatch::connection& connection, const wire::path& before) noexcept
{
    moves.emplace_back(before, connection.path());
}

void recording_listener::ended(dispatch::connection& connection, bool was_session) noexcept
{
    ends.push_back({connection.close_reason(), was_session, &connection});
    std::erase_if(offers, [&](const auto& kept) { return kept.get() == &connection; });
    std::erase_if(sessions, [&](const auto& kept) { return kept.get() == &connection; });
}

namespace {
constexpr std::size_t id_length = 8;
}

remote::remote(world& around, wire::path path) : around_{around}, path_{path} {}

void remote::hello()
{
    association_ = std::make_unique<sessions::association>(
        path_, std::make_shared<const quivive::limits>(around_.limits),
        std::make_shared<sessions::message_pool>(1'000'000), around_.now);
    association_->begin(
        tls::make_client_handshake(around_.client_context, around_.settings, path_, around_.now, *this),
        around_.now);
}

void remote::take(const octets& datagram)
{
    if (!association_) return;
    const auto& id = around_.settings.connection_id;
    for (const auto& record : records_of(datagram, id ? id->size() : 0))
        (void)association_->on_record(record, association_->path(), around_.now, *this);
}

void remote::send(const std::string& message)
{
    (void)association_->send(wire::as_bytes(message), around_.now, *this);
}

void remote::close() { association_->close(sessions::close_reason::closed_here, around_.now, *this); }

void remote::on_timer() { association_->on_timer(around_.now, *this); }

void remote::move_to(std::uint16_t port, unsigned host) { path_ = world::path_of(host, port); }

std::string remote::read()
{
    if (association_->messages().empty()) return {};
    return std::string{wire::as_text(association_->messages().pop()->bytes())};
}

void remote::send(const wire::path&, wire::bytes datagram) noexcept
{
    outgoing.emplace_back(datagram.begin(), datagram.end());
    sent.push_back(outgoing.back());
}

world::world(quivive::limits chosen, cookie_policy policy, std::shared_ptr<const tls::context> context,
             std::shared_ptr<const tls::context> clients_context, std::shared_ptr<record::aead_cache> ciphers,
             dispatch::handshake_workers* workers)
    : limits{chosen},
      random_ids{tls::fill_random},
      gate{std::make_shared<const gate::rule_table>(policy), tls::make_gnutls_cookies(),
           std::make_unique<gate::key_ring>(policy.rotate_every, tls::fill_random, now)},
      client_context{std::move(clients_context)}
{
    settings.retransmit_first = limits.retransmit_first;
    settings.repeat_interval = limits.repeat_interval;
    settings.repeat_burst = limits.repeat_burst;
    settings.early_records = limits.early_records;
    settings.max_message_bytes = limits.max_handshake_message_bytes;
    auto of_server = settings;
    of_server.ciphers = std::move(ciphers);
    terms = {
        std::make_shared<const quivive::limits>(limits), of_server, std::move(context), policy.adaptive, {}};
    server = std::make_unique<dispatch::dispatcher>(
        dispatch::dispatcher::dependencies{terms,
                                           gate,
                                           listener,
                                           counters,
                                           {1, 2},
                                           meter,
                                           {dispatch::id_codec{{3, 4}, id_length, 1}, 0,
                                            [this](std::span<std::byte> out) { random_ids(out); }},
                                           workers},
        now);
}

void world::use_ids(connection_id_policy policy, std::size_t clients_id,
                    const std::vector<network>& shared_networks)
{
    const auto ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 64);
    terms.moves = std::make_shared<const gate::move_rules>(policy, shared_networks);
    terms.ids = std::move(policy);
    terms.handshakes.ciphers = ciphers;
    server->use(terms);
    const octets id(clients_id, std::byte{0xc1});
    settings.ciphers = ciphers;
    settings.connection_id = wire::own_connection_id{id};
}

wire::path world::path_of(unsigned host, std::uint16_t port)
{
    const auto byte = [](unsigned n) { return static_cast<std::byte>(n & 0xff); };
    return {wire::endpoint::v4({byte(192), byte(0), byte(2), byte(254)}, 4433),
            wire::endpoint::v4({byte(10), byte(host >> 16), byte(host >> 8), byte(host)}, port), 0};
}

remote& world::add_client(unsigned host, std::uint16_t port)
{
    clients.push_back(std::make_unique<remote>(*this, path_of(host, port)));
    return *clients.back();
}

dispatch::decision world::route(const wire::path& path, const octets& datagram)
{
    return server->route(path, datagram, now, *this);
}

dispatch::decision world::deliver(remote& from)
{
    const auto datagram = std::move(from.outgoing.front());
    from.outgoing.pop_front();
    return route(from.path(), datagram);
}

void world::settle()
{
    for (bool busy = true; busy;) {
        busy = false;
        for (std::size_t i = 0; i < clients.size(); ++i)
            for (; !clients[i]->outgoing.empty(); busy = true) (void)deliver(*clients[i]);
        for (const auto& [path, datagram] : std::exchange(outgoing, {})) {
            busy = true;
            for (auto& client : clients)
                if (client->path() == path) client->take(datagram);
        }
    }
}

remote& world::connect(unsigned host, std::uint16_t port)
{
    auto& client = add_client(host, port);
    connect(client);
    return client;
}

void world::connect(remote& client)
{
    client.hello();
    settle();
}

dispatch::decision world::begin(remote& client)
{
    client.hello();
    auto decided = deliver(client);
    if (decided.disposition != dispatch::disposition::answered) return decided;
    client.take(outgoing.back().second);
    outgoing.pop_back();
    return deliver(client);
}

std::shared_ptr<dispatch::connection> world::session_of(const remote& client) const
{
    for (const auto& connection : listener.sessions)
        if (connection->path() == client.path()) return connection;
    return nullptr;
}

bool world::echoes(remote& client)
{
    const auto session = session_of(client);
    if (!session || !client.connected()) return false;
    client.send("there");
    settle();
    if (session->messages().empty()) return false;
    const auto message = session->messages().pop();
    (void)server->send(*session, message->bytes(), now, *this);
    settle();
    return client.read() == "there";
}

void world::pass(duration time)
{
    const auto until = now + time;
    for (auto wake = server->next_wake(); wake <= until; wake = server->next_wake()) {
        now = std::max(now, wake);
        server->advance(now, *this);
    }
    now = until;
    server->advance(now, *this);
}

void world::send(const wire::path& to, wire::bytes datagram) noexcept
{
    outgoing.emplace_back(to, octets{datagram.begin(), datagram.end()});
    for (const auto& record : records_of(outgoing.back().second)) {
        wire::reader in{record.payload};
        if (record.epoch != 0 || !record.is(wire::content_type::handshake)) continue;
        if (wire::read_handshake(in).type != wire::handshake_type::server_key_exchange) continue;
        octets body{record.payload.begin(), record.payload.end()};
        if (body != last_signed_) ++signatures;
        last_signed_ = std::move(body);
    }
}

}  // namespace quivive::test
