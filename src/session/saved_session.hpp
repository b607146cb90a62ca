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

/// The state of an established session, for export to another process. It contains keys: its encoding must be
/// sealed (`tls/sealed_blob`) and used only once (`single_use_registry`).
struct saved_session {
    wire::path path;
    std::uint32_t shard = 0;  ///< number of the shard that owned it
    record::session_keys keys;
    std::optional<record::connection_ids> ids;
    tls::handshake_facts facts;
    bool validated = false;
    std::array<std::byte, 14> client_random_digest{};

    std::vector<std::byte> last_flight;        ///< records for a peer that retransmits its Finished, or empty
    std::chrono::milliseconds flight_kept{0};  ///< remaining time to keep it
    std::vector<wire::secret_bytes> unread;    ///< messages that the handler has not received, oldest first
};

/// Sequence numbers skipped between the records of this process and those of the importing process. The
/// exporting process may still send records during the export. The gap keeps both processes from using one
/// sequence number twice with the same key (RFC 5288 3, RFC 7905 4).
inline constexpr std::uint64_t sequence_gap = 65'536;

/// Encodes a session. The caller must wipe the result.
[[nodiscard]] std::vector<std::byte> encode(const saved_session& saved);

/// Decodes a session. Returns empty unless `encode` of this version or of the previous one made `bytes`.
[[nodiscard]] std::optional<saved_session> decode(wire::bytes bytes);

}  // namespace quivive::sessions
