#pragma once

#include "quivive/credentials.hpp"
#include "quivive/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace quivive {

/// An exporter for keys of another protocol (RFC 5705), without a context.
struct exporter {
    /// Label as registered with IANA, or "EXPERIMENTAL..."; 1..249 bytes. Labels of TLS itself, such as "key
    /// expansion", are not allowed (RFC 5705 4).
    std::string label;
    std::size_t bytes = 32;  ///< length of the key, 1..1024
};

/// Keys that a handshake derives in addition to those of its own records. They must be requested before the
/// handshake, since the master secret is discarded after it.
struct keying_options {
    std::vector<exporter> exporters;  ///< exporters to run

    /// SRTP protection profiles (RFC 5764 4.1.2) in order of preference, by GnuTLS's names:
    /// "SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_32", and with GnuTLS 3.8 those of RFC 7714,
    /// "SRTP_AEAD_AES_128_GCM" and "SRTP_AEAD_AES_256_GCM". Empty: no use_srtp extension.
    std::vector<std::string> srtp_profiles;
};

/// Keys derived by a handshake. Wiped on destruction.
struct keying_material {
    /// `errc::no_extended_master_secret` if there are no keys. Without an extended master secret exporters
    /// must be off (RFC 7627 5.4), and SRTP keys are derived by an exporter (RFC 5764 4.2).
    /// `server_config::extended_master_secret` can refuse such clients instead.
    error_code error{};

    std::vector<secret> exported;  ///< in the order of `keying_options::exporters`; empty after an `error`

    std::string srtp_profile;  ///< negotiated profile, or empty
    secret srtp_keys;          ///< client key, server key, client salt, server salt (RFC 5764 4.2)
};

}  // namespace quivive
