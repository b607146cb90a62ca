#pragma once

#include "quivive/limits.hpp"
#include "session/association.hpp"
#include "support/raw_udp.hpp"
#include "tls/context.hpp"
#include "tls/handshake.hpp"
#include "wire/outbox.hpp"

#include <memory>
#include <string>
#include <vector>

namespace quivive::test {

/// A DTLS client that a test drives step by step over its own socket. The test can also send any bytes from
/// it, like an attacker who forges the same address.
class stepwise_client final : private wire::outbox {
public:
    explicit stepwise_client(const boost::asio::ip::udp::endpoint& server,
                             const boost::asio::ip::udp::endpoint& bind_to = {
                                 boost::asio::ip::address_v4::loopback(), 0});

    /// Requests a connection id for its own records (RFC 9146). Call before `connect`.
    void want_connection_id();
    /// Continues from another port, since the former one is freed only then. Datagrams to the former port
    /// are lost.
    void move() { socket_ = std::make_unique<raw_udp>(); }

    /// Performs the handshake. Returns false when it has not finished in five seconds.
    bool connect();
    /// Sends a message and waits for the next one; empty when none arrives.
    std::string echo(const std::string& message);
    void send(const std::string& message);
    /// Waits for the next message; empty when none arrives.
    std::string hear();
    /// Returns the next message already received; empty when there is none.
    std::string heard()
    {
        if (association_->messages().empty()) return {};
        return std::string{wire::as_text(association_->messages().pop()->bytes())};
    }
    /// Sends raw bytes from the session's own address.
    void inject(wire::bytes datagram) { socket_->send(server_, datagram); }
    void close();

    [[nodiscard]] const sessions::association& association() const { return *association_; }
    [[nodiscard]] raw_udp& socket() { return *socket_; }
    [[nodiscard]] boost::asio::ip::udp::endpoint server() const { return server_; }
    /// All datagrams sent and received so far.
    [[nodiscard]] const std::vector<octets>& sent() const { return sent_; }
    [[nodiscard]] const std::vector<octets>& received() const { return received_; }

    /// Processes one datagram, or runs timers; returns false when nothing arrived within the time.
    bool step(std::chrono::milliseconds within);

private:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;

    boost::asio::ip::udp::endpoint server_;
    std::unique_ptr<raw_udp> socket_;
    quivive::limits limits_;
    std::shared_ptr<const tls::context> context_;
    tls::handshake_settings settings_;
    std::unique_ptr<sessions::association> association_;
    std::vector<octets> sent_, received_;
};

}  // namespace quivive::test
