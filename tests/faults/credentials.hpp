#pragma once

#include "faults/meeting.hpp"

namespace quivive::test {

// Made once for each manner, and never under test.
[[nodiscard]] std::shared_ptr<const tls::context> server_context_of(const manner& how);
[[nodiscard]] std::shared_ptr<const tls::context> client_context_of(const manner& how);

/// What each part of a configuration has a share in. Files are in a directory that lasts as long as the
/// process.
[[nodiscard]] server_credentials full_server_credentials();
[[nodiscard]] client_credentials full_client_credentials();
[[nodiscard]] tls::context_options full_options();

}  // namespace quivive::test
