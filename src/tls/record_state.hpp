#pragma once

#include "record/keys.hpp"

#include <gnutls/gnutls.h>

#include <optional>

namespace quivive::tls {

enum class direction : unsigned { write = 0, read = 1 };  // as GnuTLS numbers them

/// What a session protects the records of one direction with, as it is now.
struct record_state {
    record::direction_keys keys;
    std::size_t key_size = 0;
    std::size_t iv_size = 0;
    std::uint64_t next = 0;  ///< epoch and sequence number of the next record
    /// Set as soon as the peer's records are read with it too: until then GnuTLS does not tell, and several
    /// have keys of the same sizes.
    std::optional<record::cipher> cipher{};

    [[nodiscard]] bool is_for(record::cipher which) const noexcept
    {
        if (cipher && *cipher != which) return false;
        const auto traits = record::traits_of(which);
        return key_size == traits.key_size && iv_size == traits.iv_size;
    }
};

/// The same as GnuTLS has it: views into the session, of whatever cipher.
struct raw_record_state {
    wire::bytes mac_key, iv, key;
    std::uint64_t next = 0;
};

/// Empty when GnuTLS does not tell.
[[nodiscard]] std::optional<raw_record_state> read_raw_state(gnutls_session_t session,
                                                             direction which) noexcept;

/// Empty when GnuTLS does not tell, or the keys are none of an AEAD cipher's.
[[nodiscard]] std::optional<record_state> read_state(gnutls_session_t session, direction which) noexcept;

/// Has the session go on after the number of its next record to be sent, which the caller takes for its own:
/// none is ever used twice. GnuTLS forgets thereby which records it has received (src/README.md, trap 19).
/// Empty when it refuses.
[[nodiscard]] std::optional<std::uint64_t> take_number(gnutls_session_t session) noexcept;

}  // namespace quivive::tls
