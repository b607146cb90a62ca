#pragma once

#include "tls/context.hpp"
#include "tls/handles.hpp"
#include "tls/text_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace quivive::tls {

/// Kinds of credentials that can prove an identity.
struct credential_kinds {
    bool certificate = false;
    bool psk = false;
};

/// Order of the cipher suites when both kinds of credentials exist.
enum class suite_order : unsigned char {
    forward_secrecy,  ///< suites with forward secrecy, PSK before certificate; suites without it are last
    certificate,
    psk,
};

/// Returns quivive's priorities as GnuTLS's string: DTLS 1.2, AEAD, and cheap, widely supported algorithms
/// first.
[[nodiscard]] std::string default_priority(credential_kinds have, bool dtls_1_0, suite_order order);

/// Returns the same, or the priorities that the options request.
[[nodiscard]] std::string priority_text(const context_options& options, credential_kinds have,
                                        suite_order order);

/// Returns quivive's priorities in this order, or those that the options request. Null when they cannot be
/// used; `problems` then has the fault.
[[nodiscard]] priority_handle make_priority(const context_options& options, credential_kinds have,
                                            suite_order order, problem_list& problems);

/// Returns the DTLS versions of `priority`, as encoded on the wire.
[[nodiscard]] std::vector<std::uint16_t> versions_of(gnutls_priority_t priority);

}  // namespace quivive::tls
