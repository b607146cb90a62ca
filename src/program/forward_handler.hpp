#pragma once

#include "program/forward_service.hpp"
#include "quivive/config_file.hpp"
#include "quivive/session_handler.hpp"

#include <memory>
#include <mutex>

namespace quivive::program {

/// Opens a UDP socket to a plain back end for each session and forwards messages in both directions. The back
/// end sees one stable port per client. Messages that do not fit, or that the back end refuses, are dropped
/// and counted; the session continues.
class forward_handler final : public session_handler {
public:
    explicit forward_handler(const forward_rule& rule, log_sink log = {});

    boost::asio::awaitable<void> run(session session) override;

    /// Applies `rule` to new sessions; existing sessions keep their back end. Thread-safe.
    void use(const forward_rule& rule);

    /// Returns the current counters. Thread-safe.
    [[nodiscard]] forward_counts counts() const noexcept { return service_->counters.read(); }

private:
    struct running_rule {
        boost::asio::ip::udp::endpoint to;
        std::chrono::milliseconds idle_timeout;
    };
    [[nodiscard]] running_rule current() const;

    mutable std::mutex mutex_;
    running_rule rule_;
    std::shared_ptr<forward_service> service_;  // shared with links, which may outlive the handler
};

}  // namespace quivive::program
