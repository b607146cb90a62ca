#pragma once

#include "session/association.hpp"
#include "transport/receive_batch.hpp"
#include "transport/send_batch.hpp"
#include "transport/udp_socket.hpp"
#include "wire/outbox.hpp"

#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace quivive::test {

/// Many DTLS clients behind one socket, each with its own address of 127/8, driven by the calling thread.
/// They use a PSK suite, the cheapest handshake. The server must accept `identity` and `key`.
class crowd final : private wire::outbox {
public:
    static constexpr const char* identity = "crowd";
    static constexpr const char* key = "000102030405060708090a0b0c0d0e0f";
    static constexpr const char* priority = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK";

    /// `server` is an address of 127/8. `first`: the number of the first client, which selects its address.
    explicit crowd(const boost::asio::ip::udp::endpoint& server, std::size_t first = 0);
    ~crowd();
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;

    /// Connects `count` clients. Returns false when some are not connected after a minute, plus a second
    /// for each fifty.
    [[nodiscard]] bool connect(std::size_t count);
    [[nodiscard]] bool connect(std::size_t count, std::chrono::milliseconds within);
    /// Sends close_notify for each client, and waits for the server's, for two seconds at most.
    void close();

    [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }
    void say(std::size_t client, const std::string& message);
    /// Sends all queued datagrams now, instead of at the next receive.
    void flush() { (void)outgoing_.flush(socket_); }
    /// Returns what this client has received; empty: nothing within ten seconds.
    [[nodiscard]] std::string hear(std::size_t client);

    /// Returns the path of client number `number` behind a socket of this port.
    [[nodiscard]] static wire::path path_of(std::size_t number, std::uint16_t port,
                                            const wire::endpoint& server) noexcept;
    /// Returns the number of the client with this address.
    [[nodiscard]] static std::size_t number_of(const wire::endpoint& local) noexcept;

private:
    class state;

    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    void begin(std::size_t client);
    /// Sends, waits briefly for datagrams, and passes them to their clients.
    void turn();

    std::size_t first_;
    wire::endpoint server_;
    transport::udp_socket socket_;
    transport::receive_batch incoming_;
    transport::send_batch outgoing_;
    std::unique_ptr<state> state_;  ///< shared by all clients
    std::vector<std::unique_ptr<sessions::association>> clients_;
    std::size_t connected_ = 0;
};

}  // namespace quivive::test
