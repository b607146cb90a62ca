#pragma once

#include <cstdint>

namespace quivive::tls {

/// Counters of a handshake after a stateless exchange. The content is that of `gnutls_dtls_prestate_st`, but
/// with the full 48-bit record sequence (GnuTLS's own verify keeps 8 bits of it).
struct prestate {
    std::uint64_t record_sequence =
        0;  ///< the ClientHello's; the first record of this side uses the same (RFC 6347 4.2.1)
    std::uint16_t message_seq = 0;  ///< the ClientHello's; the ServerHello of this side uses the same
};

}  // namespace quivive::tls
