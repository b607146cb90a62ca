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

// The problems of a part of a configuration.
[[nodiscard]] std::vector<problem> check(const limits& limits);
[[nodiscard]] std::vector<problem> check_mtus(std::size_t mtu, std::size_t handshake_mtu);

/// Everything but a missing `listen`, which a command line may give.
[[nodiscard]] std::vector<problem> check(const server_config& config);

/// The part of it that the handshakes of a server have in common.
[[nodiscard]] tls::context_options context_options_of(const server_config& config);

/// The sentence of `file_notes` about a file of `count` secrets; none for none.
[[nodiscard]] std::vector<std::string> notes_on_secrets(const std::string& file, std::size_t count);

/// One sentence each.
[[nodiscard]] std::vector<std::string> check(const client_config& config);

/// Makes the context of a client's handshake. Throws as `tls::make_client_context`.
[[nodiscard]] std::shared_ptr<const tls::context> make_context(const client_config& config);

}  // namespace quivive::config
