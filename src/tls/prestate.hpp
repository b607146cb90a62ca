#pragma once

#include <cstdint>

namespace quivive::tls {

/// Where a stateless exchange has left the counters of a handshake: what `gnutls_dtls_prestate_st` says, but
/// with the full 48-bit record sequence (GnuTLS's own verify keeps 8 bits of it).
struct prestate {
    std::uint64_t record_sequence =
        0;                          ///< of the ClientHello; our first record takes the same (RFC 6347 4.2.1)
    std::uint16_t message_seq = 0;  ///< of the ClientHello; our ServerHello takes the same
};

}  // namespace quivive::tls
