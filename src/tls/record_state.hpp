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

    [[nodiscard]] bool is_for(record::cipher which) const noexcept
    {
        const auto traits = record::traits_of(which);
        return key_size == traits.key_size && iv_size == traits.iv_size;
    }
};

/// Empty when GnuTLS does not tell, or the keys are none of an AEAD cipher's.
[[nodiscard]] std::optional<record_state> read_state(gnutls_session_t session, direction which) noexcept;

}  // namespace quivive::tls
