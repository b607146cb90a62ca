#pragma once

#include "program/forward_handler.hpp"
#include "program/service.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace quivive::program {

/// A server, and what it does with its sessions.
struct forwarder {
    std::shared_ptr<forward_handler> handler;
    std::unique_ptr<quivive::server> server;
    std::filesystem::path sessions{};  ///< where they are between two processes; empty: nowhere
};

/// `base` where `rule` listens. Its idle time-out, which only sees what clients say, is off: the handler has
/// one that sees both directions.
[[nodiscard]] server_config forward_config(server_config base, const forward_rule& rule);

/// With threads of its own; serves when its server is told to. Throws what `server`'s constructor throws.
[[nodiscard]] forwarder make_forwarder(server_config base, const forward_rule& rule);

/// A server for each `[[forward]]` of a configuration.
class forward_servers final : public service {
public:
    /// Throws what `server`'s constructor throws, and `config_error` when there is nothing to forward.
    explicit forward_servers(const config_file& config);

    std::vector<served> servers() override;
    void begin() override;
    std::vector<std::string> reload(const config_file& config) override;
    [[nodiscard]] std::vector<named_count> counts() const override;

private:
    struct way {
        forward_rule rule;
        forwarder runs;
    };
    std::vector<way> ways_;
    log_sink log_;
};

}  // namespace quivive::program
