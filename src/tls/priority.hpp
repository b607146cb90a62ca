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

/// Which suites come first when there are both proofs.
enum class suite_order : unsigned char {
    forward_secrecy,  ///< those with it, of PSK before the certificate's; those without it last
    certificate,
    psk,
};

/// Our priorities as GnuTLS's string: DTLS 1.2, AEAD, and what is cheap and widely known first.
[[nodiscard]] std::string default_priority(proofs have, bool dtls_1_0, suite_order order);

/// The same, or those that the options ask for.
[[nodiscard]] std::string priority_text(const context_options& options, proofs have, suite_order order);

/// Ours in this order, or those that the options ask for. Null when they cannot be used; then `problems` has
/// one more.
[[nodiscard]] priority_handle make_priority(const context_options& options, proofs have, suite_order order,
                                            problem_list& problems);

/// The versions of DTLS in it, as they stand on the wire.
[[nodiscard]] std::vector<std::uint16_t> versions_of(gnutls_priority_t priority);

}  // namespace quivive::tls
