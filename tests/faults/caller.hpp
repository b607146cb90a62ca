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

    /// Sends its ClientHello. Returns false if it could not make one.
    bool hello();
    void take(const octets& datagram);
    void send(const std::string& message);
    void close() { association.close(sessions::close_reason::closed_here, around_.now, *this); }
    void on_timer() { association.on_timer(around_.now, *this); }
    /// Returns the messages received since the last call.
    [[nodiscard]] std::vector<std::string> read();
    /// Returns whether any of its calls has reported a failure.
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
