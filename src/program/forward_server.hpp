#pragma once

#include "program/forward_handler.hpp"
#include "quivive/config_file.hpp"
#include "quivive/server.hpp"
#include "quivive/server_config.hpp"

#include <memory>

namespace quivive::program {

/// A server, and what it does with its sessions.
struct forwarder {
    std::shared_ptr<forward_handler> handler;
    std::unique_ptr<quivive::server> server;
};

/// `base` where `rule` listens. Its idle time-out, which only sees what clients say, is off: the handler has
/// one that sees both directions.
[[nodiscard]] server_config forward_config(server_config base, const forward_rule& rule);

/// Serves from now on, on threads of its own. Throws what `server`'s constructor throws.
[[nodiscard]] forwarder start_forward(server_config base, const forward_rule& rule);

}  // namespace quivive::program
