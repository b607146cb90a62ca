#pragma once

#include "bench/support/source_socket.hpp"
#include "record/protection.hpp"
#include "tls/context.hpp"
#include "tls/handshake.hpp"

#include <functional>
#include <memory>
#include <vector>

#include <poll.h>

namespace quivive::bench {

/// Very many DTLS clients in one thread. Each client has an address of 127/8 and the port of one of a few
/// sockets, and keeps only the keys of its session: some 300 bytes.
class crowd final : private wire::outbox {
public:
    /// Makes `size` clients, none connected yet.
    crowd(const boost::asio::ip::udp::endpoint& server, std::shared_ptr<const tls::context> context,
          std::size_t size);
    ~crowd();

    /// Called at intervals with the number of clients that are done; `false` stops the work.
    using watcher = std::function<bool(std::size_t done)>;

    /// Performs a handshake for each client, at most `window` at a time. Returns the number of sessions
    /// opened.
    std::size_t open(std::size_t window, const watcher& go_on);
    /// Sends a message from each client. Returns the number of echoes. Resends a lost message a few times.
    std::size_t echo(std::size_t window, const watcher& go_on);

private:
    struct client {
        std::unique_ptr<tls::handshake> shaking;
        std::unique_ptr<record::protection> records;
    };
    /// A client that waits for an answer.
    struct pending {
        std::size_t client;
        time_point since;
        unsigned tries;
    };

    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    [[nodiscard]] wire::path path_of(std::size_t index) const noexcept;
    std::size_t run(std::size_t window, const watcher& go_on);
    void begin(std::size_t index, time_point now);
    /// Returns false when the client has used up its tries.
    bool retry(pending& waiting, time_point now);
    void say(std::size_t index);
    void read(time_point now);
    void take(std::size_t index, wire::bytes datagram, time_point now);

    std::shared_ptr<const tls::context> context_;
    tls::handshake_settings settings_;
    std::vector<std::unique_ptr<source_socket>> sockets_;
    std::vector<pollfd> readable_;  ///< one for each socket
    std::vector<client> clients_;
    std::vector<bool> waiting_;  ///< for each client: whether it waits for an answer
    std::vector<pending> pending_;
    std::size_t answered_ = 0;
    bool opening_ = true;
};

}  // namespace quivive::bench
