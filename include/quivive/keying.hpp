#pragma once

#include "quivive/credentials.hpp"
#include "quivive/error.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace quivive {

/// Keys for another protocol, made by an exporter (RFC 5705) without a context.
struct exporter {
    /// As registered with IANA, or "EXPERIMENTAL..."; 1..249 bytes. None of TLS's own, such as "key
    /// expansion" (RFC 5705 4).
    std::string label;
    std::size_t bytes = 32;  ///< 1..1024
};

/// What a handshake shall make beside the keys of its own records. It must be said before: after the
/// handshake the master secret is gone.
struct keying_options {
    std::vector<exporter> exporters;

    /// SRTP protection profiles (RFC 5764 4.1.2), most wanted first, by GnuTLS's names:
    /// "SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_32", and with GnuTLS 3.8 those of RFC 7714,
    /// "SRTP_AEAD_AES_128_GCM" and "SRTP_AEAD_AES_256_GCM". Empty: no use_srtp.
    std::vector<std::string> srtp_profiles;
};

/// What it has made. Wiped when destroyed.
struct keying_material {
    /// `errc::no_extended_master_secret`: all of it is empty, because exporters must be off without one (RFC
    /// 7627 5.4), and SRTP's keys come out of one (RFC 5764 4.2). `server_config::extended_master_secret`
    /// refuses such clients instead.
    error_code error{};

    std::vector<secret> exported;  ///< in the order of `keying_options::exporters`; empty after an `error`

    std::string srtp_profile;  ///< that both sides have agreed on, or empty
    secret srtp_keys;          ///< client key, server key, client salt, server salt (RFC 5764 4.2)
};

}  // namespace quivive
