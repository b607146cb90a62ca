#pragma once

#include "tls/context.hpp"
#include "tls/handles.hpp"
#include "tls/text_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace quivive::tls {

/// What the credentials can prove an identity with.
struct proofs {
    bool certificate = false;
    bool psk = false;
};

/// Our priorities as GnuTLS's string: DTLS 1.2, AEAD, and what is cheap and widely known first.
[[nodiscard]] std::string default_priority(proofs have, bool dtls_1_0);

/// Ours, or those that the options ask for. Null when they cannot be used; then `problems` has one more.
[[nodiscard]] priority_handle make_priority(const context_options& options, proofs have,
                                            problem_list& problems);

/// The versions of DTLS in it, as they stand on the wire.
[[nodiscard]] std::vector<std::uint16_t> versions_of(gnutls_priority_t priority);

}  // namespace quivive::tls
