#pragma once

#include "record/keys.hpp"

#include <gnutls/gnutls.h>

#include <optional>

namespace quivive::tls {

enum class direction : unsigned { write = 0, read = 1 };  // GnuTLS's numbers

/// Protection parameters and next sequence number of one direction of a session, at present.
struct record_state {
    record::direction_keys keys;
    std::size_t key_size = 0;
    std::size_t iv_size = 0;
    std::uint64_t next = 0;  ///< epoch and sequence number of the next record
    /// Set only when the peer's records use it too. GnuTLS does not report the cipher earlier, and several
    /// ciphers have keys of the same sizes.
    std::optional<record::cipher> cipher{};

    [[nodiscard]] bool is_for(record::cipher which) const noexcept
    {
        if (cipher && *cipher != which) return false;
        const auto traits = record::traits_of(which);
        return key_size == traits.key_size && iv_size == traits.iv_size;
    }
};

/// GnuTLS's form of the same: views into the session, for any cipher.
struct raw_record_state {
    wire::bytes mac_key, iv, key;
    std::uint64_t next = 0;
};

/// Returns empty when GnuTLS does not supply the state.
[[nodiscard]] std::optional<raw_record_state> read_raw_state(gnutls_session_t session,
                                                             direction which) noexcept;

/// Returns empty when GnuTLS does not supply the state, or the keys fit no AEAD cipher of the record layer.
[[nodiscard]] std::optional<record_state> read_state(gnutls_session_t session, direction which) noexcept;

/// Makes the session skip the number of its next record to be sent, and returns this number to the caller for
/// its own use. No number is ever used twice. GnuTLS thereby loses its replay window (src/README.md, trap
/// 19). Returns empty when GnuTLS refuses.
[[nodiscard]] std::optional<std::uint64_t> take_number(gnutls_session_t session) noexcept;

}  // namespace quivive::tls
