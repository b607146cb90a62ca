#pragma once

#include "program/forward_handler.hpp"
#include "program/service.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace quivive::program {

/// A server and the handler of its sessions.
struct forwarder {
    std::shared_ptr<forward_handler> handler;
    std::unique_ptr<quivive::server> server;
    std::filesystem::path sessions{};  ///< folder of exported sessions; empty: sessions are not exported
};

/// Returns `base` with the addresses of `rule`. Disables the idle timeout of the server, which counts only
/// messages of clients: the handler has one for both directions.
[[nodiscard]] server_config forward_config(server_config base, const forward_rule& rule);

/// Creates a server with its own threads, which does not serve yet. Throws what `server`'s constructor
/// throws.
[[nodiscard]] forwarder make_forwarder(server_config base, const forward_rule& rule);

/// A server for each `[[forward]]` table of a configuration.
class forward_servers final : public service {
public:
    /// Throws what `server`'s constructor throws, and `config_error` when there is no `[[forward]]` table.
    explicit forward_servers(const config_file& config);

    std::vector<served> servers() override;
    void begin() override;
    std::vector<std::string> reload(const config_file& config) override;
    [[nodiscard]] std::vector<named_count> counts() const override;

private:
    struct running_rule {
        forward_rule rule;
        forwarder runs;
    };
    std::vector<running_rule> rules_;
    log_sink log_;
};

}  // namespace quivive::program
