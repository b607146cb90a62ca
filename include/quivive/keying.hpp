#pragma once

#include "quivive/credentials.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace quivive {

/// Keys for another protocol, made by an exporter (RFC 5705) without a context.
struct exporter {
    std::string label;       ///< as registered with IANA, or "EXPERIMENTAL..."; 1..249 bytes
    std::size_t bytes = 32;  ///< 1..1024
};

/// What a handshake shall make beside the keys of its own records. It must be said before: after the
/// handshake the master secret is gone.
struct keying_options {
    std::vector<exporter> exporters;

    /// SRTP protection profiles (RFC 5764 4.1.1, RFC 7714), most wanted first, by GnuTLS's names:
    /// "SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_HMAC_SHA1_80". Empty: no use_srtp.
    std::vector<std::string> srtp_profiles;
};

/// What it has made. Wiped when destroyed.
struct keying_material {
    /// In the order of `keying_options::exporters`. Empty without an extended master secret, without which
    /// exporters must be off (RFC 7627 5.4).
    std::vector<secret> exported;

    std::string srtp_profile;  ///< that both sides have agreed on, or empty
    secret srtp_keys;          ///< client key, server key, client salt, server salt (RFC 5764 4.2)
};

}  // namespace quivive
