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

/// Very many DTLS clients in one thread. Each has an address of 127/8 and the port of one of a few sockets,
/// and keeps only the keys of its session: some 300 bytes.
class crowd final : private wire::outbox {
public:
    /// `size` clients, none connected yet.
    crowd(const boost::asio::ip::udp::endpoint& server, std::shared_ptr<const tls::context> context,
          std::size_t size);
    ~crowd();

    /// Is called now and then while work goes on; false has it given up.
    using watcher = std::function<bool(std::size_t done)>;

    /// Has all shake hands, at most `window` at a time; gives how many did.
    std::size_t open(std::size_t window, const watcher& go_on);
    /// Has each send a message; gives how many got it back. What is lost is sent again, a few times.
    std::size_t echo(std::size_t window, const watcher& go_on);

private:
    struct client {
        std::unique_ptr<tls::handshake> shaking;
        std::unique_ptr<record::protection> records;
    };
    /// One that waits for an answer.
    struct pending {
        std::size_t who;
        time_point since;
        unsigned tries;
    };

    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    [[nodiscard]] wire::path path_of(std::size_t who) const noexcept;
    std::size_t run(std::size_t window, const watcher& go_on);
    void begin(std::size_t who, time_point now);
    /// False: it has been tried often enough.
    bool retry(pending& waiting, time_point now);
    void say(std::size_t who);
    void read(time_point now);
    void take(std::size_t who, wire::bytes datagram, time_point now);

    std::shared_ptr<const tls::context> context_;
    tls::handshake_settings settings_;
    std::vector<std::unique_ptr<source_socket>> sockets_;
    std::vector<pollfd> readable_;  ///< of each socket
    std::vector<client> clients_;
    std::vector<bool> waiting_;  ///< of each client: an answer is awaited
    std::vector<pending> pending_;
    std::size_t answered_ = 0;
    bool opening_ = true;
};

}  // namespace quivive::bench
