#pragma once

#include "dispatch/dispatcher.hpp"
#include "support/fixed_meter.hpp"
#include "support/tls_pair.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quivive::test {

/// Records the dispatcher's calls in order, and returns the answers that a test has set.
struct recording_listener final : dispatch::listener {
    dispatch::admission_action answer = dispatch::admission_action::accept;
    unsigned asked = 0;
    bool last_proven = false;
    std::vector<std::shared_ptr<dispatch::connection>> offers, sessions;
    struct end {
        sessions::close_reason why;
        bool was_session;
        const dispatch::connection* connection;
    };
    std::vector<end> ends;
    unsigned readables = 0;
    std::vector<dispatch::reached_share> reached;          ///< each new handshake dropped for a quota
    std::vector<load> loads;                               ///< each change
    std::vector<std::pair<wire::path, wire::path>> moves;  ///< from, to

    dispatch::admission_action admit(const wire::client_hello_view&, const wire::path&,
                                     const gate::verdict& verdict, const load&) noexcept override;
    void load_changed(const load& now) noexcept override { loads.push_back(now); }
    void share_reached(const wire::endpoint&, const dispatch::reached_share& share) noexcept override
    {
        reached.push_back(share);
    }
    void offered(dispatch::connection& connection, const wire::client_hello_view&) noexcept override;
    void established(dispatch::connection& connection) noexcept override;
    void readable(dispatch::connection&) noexcept override { ++readables; }
    void moved(dispatch::connection& connection, const wire::path& before) noexcept override;
    void ended(dispatch::connection& connection, bool was_session) noexcept override;
};

class world;

/// A client in memory: a quivive association over the world's network.
class remote final : private wire::outbox {
public:
    remote(world& around, wire::path path);

    /// Sends its first ClientHello.
    void hello();
    /// Processes one datagram from the server.
    void take(const octets& datagram);
    void send(const std::string& message);
    void close();
    void on_timer();
    /// Changes its address on the path; datagrams to the former address are lost.
    void move_to(std::uint16_t port) { path_.peer.port = port; }
    void move_to(std::uint16_t port, unsigned host);
    /// Returns the next message received; empty when there is none.
    [[nodiscard]] std::string read();

    [[nodiscard]] sessions::association& association() { return *association_; }
    [[nodiscard]] bool connected() const { return association_ && association_->is_open(); }
    [[nodiscard]] const wire::path& path() const { return path_; }  ///< as the server sees it

    std::deque<octets> outgoing;  ///< not delivered yet
    std::vector<octets> sent;     ///< all datagrams ever sent

private:
    void send(const wire::path&, wire::bytes datagram) noexcept override;

    world& around_;
    wire::path path_;
    std::unique_ptr<sessions::association> association_;
};

/// A dispatcher in virtual time with a real gate, real TLS, a recording listener and no socket.
class world final : public wire::outbox {
public:
    /// With `ciphers` the server's records are detached. The clients' records are made by GnuTLS sessions
    /// in both cases.
    explicit world(quivive::limits chosen = {}, cookie_policy policy = {},
                   std::shared_ptr<const tls::context> context = any_server_context(),
                   std::shared_ptr<const tls::context> clients_context = any_client_context(),
                   std::shared_ptr<record::aead_cache> ciphers = nullptr,
                   dispatch::handshake_workers* workers = nullptr);

    /// Uses this policy of connection ids from now on, for new clients that request an id; their records
    /// are then detached. Clients added later request one. `clients_id`: size of the client's own id.
    void use_ids(connection_id_policy policy = {.enabled = true}, std::size_t clients_id = 0,
                 const std::vector<network>& shared_networks = {});

    /// Adds a client in 10.0.0.0/8; `host` is the lower 24 bits of its address.
    remote& add_client(unsigned host = 1, std::uint16_t port = 1000);
    [[nodiscard]] static wire::path path_of(unsigned host, std::uint16_t port);

    /// Passes one datagram from `path` to the dispatcher.
    dispatch::decision route(const wire::path& path, const octets& datagram);
    dispatch::decision deliver(remote& from);
    /// Delivers datagrams in both directions until none is left.
    void settle();
    /// Connects a new client, or one added before.
    remote& connect(unsigned host = 1, std::uint16_t port = 1000);
    void connect(remote& client);
    /// Runs the handshake, including a cookie exchange, up to the hello that the server admits or drops.
    /// Returns the decision. The server's flight, if any, is then in `outgoing`.
    dispatch::decision begin(remote& client);
    /// Returns the server's session with this client; null when there is none.
    [[nodiscard]] std::shared_ptr<dispatch::connection> session_of(const remote& client) const;
    /// Returns whether a message gets through in both directions.
    [[nodiscard]] bool echoes(remote& client);
    /// Advances the time for the server only.
    void pass(duration time);

    [[nodiscard]] metrics counted() const { return counters.snapshot(); }

    time_point now{std::chrono::hours{1}};
    quivive::limits limits;
    tls::handshake_settings settings;   ///< settings of the clients
    dispatch::connection_config terms;  ///< settings of the server
    gate::random_source random_ids;     ///< source of connection ids
    observe::counters counters;
    fixed_meter meter;  ///< for handshakes within the server's calls, and those of `late_workers`
    recording_listener listener;
    gate::gate gate;
    std::shared_ptr<const tls::context> client_context;
    std::vector<std::unique_ptr<remote>> clients;
    std::vector<std::pair<wire::path, octets>> outgoing;  ///< from the server, not delivered yet
    std::unique_ptr<dispatch::dispatcher> server;
    std::uint64_t signatures = 0;  ///< different flights with a ServerKeyExchange, each signed anew

private:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    octets last_signed_;
};

}  // namespace quivive::test
