#pragma once

#include "config/problem.hpp"
#include "quivive/client.hpp"
#include "quivive/limits.hpp"
#include "quivive/server_config.hpp"
#include "tls/context.hpp"

#include <memory>
#include <string>
#include <vector>

namespace quivive::config {

// Each `check` returns the problems of a part of a configuration.
[[nodiscard]] std::vector<problem> check(const limits& limits);
[[nodiscard]] std::vector<problem> check_mtus(std::size_t mtu, std::size_t handshake_mtu);

/// Checks everything except a missing `listen`, which the command line may provide.
[[nodiscard]] std::vector<problem> check(const server_config& config);

/// Returns the settings that all handshakes of a server share.
[[nodiscard]] tls::context_options context_options_of(const server_config& config);

/// Returns the sentence of `file_notes` about a file with `count` secrets; empty for no secrets.
[[nodiscard]] std::vector<std::string> notes_on_secrets(const std::string& file, std::size_t count);

/// Returns one sentence per problem.
[[nodiscard]] std::vector<std::string> check(const client_config& config);

/// Creates the context of a client's handshake. Throws as `tls::make_client_context`.
[[nodiscard]] std::shared_ptr<const tls::context> make_context(const client_config& config);

}  // namespace quivive::config
