#pragma once

#include "program/forward_service.hpp"
#include "quivive/config_file.hpp"
#include "quivive/session_handler.hpp"

#include <memory>
#include <mutex>

namespace quivive::program {

/// Gives each session a UDP socket of its own to a plain back end, which so sees one stable port a client,
/// and carries messages both ways. What does not fit, and what the back end refuses, is dropped and counted;
/// the session goes on.
class forward_handler final : public session_handler {
public:
    explicit forward_handler(const forward_rule& rule, log_sink log = {});

    boost::asio::awaitable<void> run(session session) override;

    /// Newcomers go by `rule`; live sessions stay with their back end. From any thread.
    void use(const forward_rule& rule);

    /// What has been counted so far. From any thread.
    [[nodiscard]] forward_counts counts() const noexcept { return service_->counters.read(); }

private:
    struct way {
        boost::asio::ip::udp::endpoint to;
        std::chrono::milliseconds idle_timeout;
    };
    [[nodiscard]] way current() const;

    mutable std::mutex mutex_;
    way way_;
    std::shared_ptr<forward_service> service_;  // outlives the handler while links end
};

}  // namespace quivive::program
