#pragma once

#include "dispatch/connection.hpp"
#include "quivive/attempt.hpp"
#include "server/pending_operation.hpp"
#include "server/shard_executor.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace quivive::runtime {

class shard;

/// An attempt as the application holds it: an offered connection of a shard, and the accept that waits for
/// its handshake.
class attempt_core final : public dispatch::owner, public std::enable_shared_from_this<attempt_core> {
public:
    struct facts {
        boost::asio::ip::udp::endpoint local, peer;
        bool cookie_proven = false;
        std::string server_name;
    };

    attempt_core(std::shared_ptr<shard> owner, std::shared_ptr<dispatch::connection> connection, facts known);

    [[nodiscard]] static attempt make_handle(std::shared_ptr<attempt_core> core) noexcept;
    [[nodiscard]] const facts& known() const noexcept { return known_; }

    // Answers of the application. Only the first one counts. May be called from any thread.
    void accept(attempt::accept_handler handler);
    void refuse(bool send_alert) noexcept;
    /// Refuses the attempt because another one takes its place in the queue.
    static void displace(attempt which) noexcept;

    /// Its number in the acceptor's queue. Used only on the shard's executor.
    std::uint64_t accept_number = 0;

    // Events from the shard, on the shard's executor.
    void on_established(session handle);
    void on_end(error_code why);
    void abort() noexcept override;

private:
    using accept_operation = pending_operation<error_code, session>;
    bool answer() noexcept { return !answered_.exchange(true); }

    shard_executor executor_;
    std::shared_ptr<shard> shard_;                      ///< null after the end
    std::shared_ptr<dispatch::connection> connection_;  ///< null after the end
    facts known_;
    std::atomic<bool> answered_{false};
    accept_operation accept_;
    error_code close_error_ = errc::attempt_expired;  ///< error of an accept that comes after the end
};

}  // namespace quivive::runtime
