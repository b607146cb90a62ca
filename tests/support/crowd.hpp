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

/// Many DTLS clients behind one socket, each with an address of 127/8 of its own, driven by the calling
/// thread. They take a PSK suite, the cheapest handshake; the server must know `identity` and `key`.
class crowd final : private wire::outbox {
public:
    static constexpr const char* identity = "crowd";
    static constexpr const char* key = "000102030405060708090a0b0c0d0e0f";
    static constexpr const char* priority = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK";

    /// `server` is an address of 127/8. `first`: the number of the first client, which chooses its address.
    explicit crowd(const boost::asio::ip::udp::endpoint& server, std::size_t first = 0);
    ~crowd();
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;

    /// Connects so many. False when some are not connected after a minute, and a second more for
    /// each fifty.
    [[nodiscard]] bool connect(std::size_t count);
    [[nodiscard]] bool connect(std::size_t count, std::chrono::milliseconds within);
    /// Says close_notify for each, and waits for the server's, or two seconds.
    void close();

    [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }
    void say(std::size_t client, const std::string& message);
    /// Has all that was said leave now, and not when the next one is listened to.
    void flush() { (void)outgoing_.flush(socket_); }
    /// What this client has received; empty: nothing within ten seconds.
    [[nodiscard]] std::string hear(std::size_t client);

    /// The way of client number `number` behind a socket of this port.
    [[nodiscard]] static wire::path path_of(std::size_t number, std::uint16_t port,
                                            const wire::endpoint& server) noexcept;
    /// Whose address this is.
    [[nodiscard]] static std::size_t number_of(const wire::endpoint& local) noexcept;

private:
    class state;

    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    void begin(std::size_t client);
    /// Sends, waits a little for datagrams, and gives them to their clients.
    void turn();

    std::size_t first_;
    wire::endpoint server_;
    transport::udp_socket socket_;
    transport::receive_batch incoming_;
    transport::send_batch outgoing_;
    std::unique_ptr<state> state_;  ///< what all clients share
    std::vector<std::unique_ptr<sessions::association>> clients_;
    std::size_t connected_ = 0;
};

}  // namespace quivive::test
