#pragma once

#include "record/detached_protection.hpp"
#include "session/saved_session.hpp"
#include "support/catch.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <memory>
#include <string>
#include <vector>

namespace quivive::test {

inline constexpr std::size_t id_size = 8;

/// Returns the newest datagram of the client that is not yet delivered, and removes it from the client's
/// queue.
inline octets hold_back(remote& client)
{
    auto held = client.outgoing.back();
    client.outgoing.pop_back();
    return held;
}

inline octets data_of(remote& client, const std::string& text)
{
    client.send(text);
    return hold_back(client);
}

/// Returns the messages queued in the server's session, oldest first.
inline std::vector<std::string> read_all(dispatch::connection& session)
{
    std::vector<std::string> texts;
    while (!session.messages().empty()) texts.emplace_back(wire::as_text(session.messages().pop()->bytes()));
    return texts;
}

/// Returns a record with a message of the return routability check (RFC 9853 4).
inline octets path_message(record::protection& by, std::uint8_t type, std::size_t size = 9)
{
    octets message(size, std::byte{0xab});
    if (size > 0) message.front() = std::byte{type};
    queue_outbox out;
    by.send_path_message(message, {}, out);
    return out.datagrams.front();
}

inline octets data_by(record::protection& by, const std::string& text)
{
    queue_outbox out;
    REQUIRE(by.seal(wire::as_bytes(text), {}, out) == record::sealed::sent);
    return out.datagrams.front();
}

inline std::size_t bytes_sent_to(const world& around, std::uint16_t port)
{
    std::size_t sum = 0;
    for (const auto& [path, datagram] : around.outgoing)
        if (path.peer.port == port) sum += datagram.size();
    return sum;
}

/// A client with a connection id, and its session.
struct mobile {
    explicit mobile(world& in, std::size_t clients_id = 0,
                    const connection_id_policy& policy = {.enabled = true},
                    const std::vector<network>& shared = {})
        : around{in}
    {
        around.use_ids(policy, clients_id, shared);
        client = &around.connect();
        session = around.session_of(*client);
        REQUIRE(session);
        REQUIRE(session->has_id());
    }
    /// Returns whether a message arrives in each direction.
    [[nodiscard]] bool echoes()
    {
        client->send("there");
        around.settle();
        if (read_all(*session) != std::vector<std::string>{"there"}) return false;
        (void)around.server->send(*session, wire::as_bytes("back"), around.now, around);
        around.settle();
        return client->read() == "back";
    }

    /// Replaces the session by one whose client does not support the return routability check, like most
    /// clients.
    void forget_path_checks()
    {
        auto saved = around.server->save(*session, around.now);
        REQUIRE(saved);
        saved->ids->checks_paths = false;
        around.server->remove_exported(*session);
        session.reset();
        const auto ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
        REQUIRE(around.server->import_session(*saved, ciphers, around.now) ==
                dispatch::import_outcome::imported);
        session = around.listener.sessions.back();
    }

    /// Sends a question of 60 bytes and returns the number of bytes received in response; 0 when it is lost.
    [[nodiscard]] std::size_t asks(std::size_t answer)
    {
        client->send(std::string(60, 'q'));
        around.settle();
        for (auto left = read_all(*session).size(); left > 0; --left)
            (void)around.server->send(*session, wire::as_bytes(std::string(answer, 'a')), around.now, around);
        around.settle();
        return client->read().size();
    }

    /// Returns the client's record protection, for records that the test's client never sends.
    [[nodiscard]] std::unique_ptr<record::detached_protection> by_hand() const
    {
        auto saved = client->association().save(around.now);
        REQUIRE(saved);
        REQUIRE(saved->ids);
        saved->keys.next_write -= sessions::sequence_gap;
        return std::make_unique<record::detached_protection>(
            saved->keys, 1'200, std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4),
            std::make_unique<record::connection_ids>(*saved->ids));
    }

    world& around;
    remote* client = nullptr;
    std::shared_ptr<dispatch::connection> session;
};

}  // namespace quivive::test
