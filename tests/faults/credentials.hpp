#pragma once

#include "faults/meeting.hpp"

namespace quivive::test {

// Contexts are made once for each manner, and never under test.
[[nodiscard]] std::shared_ptr<const tls::context> server_context_of(const manner& how);
[[nodiscard]] std::shared_ptr<const tls::context> client_context_of(const manner& how);

/// Settings that use each part of a configuration. Their files are in a directory that exists as long as the
/// process.
[[nodiscard]] server_credentials full_server_credentials();
[[nodiscard]] client_credentials full_client_credentials();
[[nodiscard]] tls::context_options full_options();

}  // namespace quivive::test
