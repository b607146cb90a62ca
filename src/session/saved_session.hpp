#pragma once

#include "record/connection_ids.hpp"
#include "record/keys.hpp"
#include "tls/handshake.hpp"
#include "wire/endpoint.hpp"
#include "wire/secret_bytes.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <vector>

namespace quivive::sessions {

/// All that an established session is, taken out of a process, for another one to go on with. It holds keys:
/// what is made of it must be sealed (`tls/sealed_blob`), and be used once (`server/used_blobs`).
struct saved_session {
    wire::path path;
    std::uint32_t shard = 0;  ///< that had it
    record::session_keys keys;
    std::optional<record::connection_ids> ids;
    tls::handshake_facts facts;
    bool proven = false;
    std::array<std::byte, 14> hello_mark{};

    std::vector<std::byte> last_flight;        ///< records for a peer that repeats its Finished, or empty
    std::chrono::milliseconds flight_kept{0};  ///< for so long
    std::vector<wire::secret_bytes> unread;    ///< messages that the handler has not received, oldest first
};

/// Numbers that are left out between what was sealed here and what will be sealed there. Nothing that this
/// process may still seal while it hands the session over can then have a number that the other one uses:
/// never two records under one (RFC 5288 3, RFC 7905 4).
inline constexpr std::uint64_t sequence_gap = 65'536;

/// To be wiped by whoever gets it.
[[nodiscard]] std::vector<std::byte> encode(const saved_session& saved);

/// Empty when `bytes` is nothing that `encode` of this version, or of the one before it, has made.
[[nodiscard]] std::optional<saved_session> decode(wire::bytes bytes);

}  // namespace quivive::sessions
