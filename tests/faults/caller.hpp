#pragma once

#include "faults/injection.hpp"
#include "support/world.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace quivive::test {

/// A client without a socket.
class caller final : private wire::outbox {
public:
    caller(world& around, unsigned host, std::shared_ptr<const tls::context> context);

    /// Sends its hello. False: it has none.
    bool hello();
    void take(const octets& datagram);
    void send(const std::string& message);
    void close() { association.close(sessions::close_reason::closed_here, around_.now, *this); }
    void on_timer() { association.on_timer(around_.now, *this); }
    /// The messages that came since the last call.
    [[nodiscard]] std::vector<std::string> read();
    /// Whether it has said of anything that it did not work.
    [[nodiscard]] bool has_complained() const noexcept;

    std::deque<octets> outgoing;  ///< not delivered yet
    wire::path path;              ///< as the server sees it
    sessions::association association;

private:
    void send(const wire::path&, wire::bytes datagram) noexcept override;

    world& around_;
    std::shared_ptr<const tls::context> context_;
    bool complained_ = false;
};

}  // namespace quivive::test
