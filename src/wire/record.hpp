#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace quivive::wire {

/// RFC 5246 6.2.1, RFC 6520 (heartbeat), RFC 9146 (tls12_cid), RFC 9853 (return_routability_check).
enum class content_type : std::uint8_t {
    change_cipher_spec = 20,
    alert = 21,
    handshake = 22,
    application_data = 23,
    heartbeat = 24,
    tls12_cid = 25,
    return_routability_check = 27,
};

inline constexpr std::size_t record_header_size = 13;
inline constexpr std::size_t max_record_plaintext = 16'384;  ///< RFC 6347 4.1, RFC 5246 6.2.1
/// RFC 5246 6.2.3: protection adds at most 2048 bytes.
inline constexpr std::size_t max_record_payload = max_record_plaintext + 2'048;
inline constexpr std::uint16_t dtls_1_0 = 0xfeff;
inline constexpr std::uint16_t dtls_1_2 = 0xfefd;
inline constexpr std::uint16_t dtls_1_3 = 0xfefc;  ///< RFC 9147; never used in a record header

/// View of one whole DTLS record (RFC 6347 4.1, RFC 9146 4). Does not own the bytes.
struct record_view {
    content_type type{};
    std::uint16_t version = 0;
    std::uint16_t epoch = 0;
    std::uint64_t sequence = 0;  ///< 48 bits
    bytes connection_id;         ///< connection id of a tls12_cid record; otherwise empty
    bytes payload;
    bytes whole;  ///< header and payload

    [[nodiscard]] bool is(content_type t) const noexcept { return type == t; }
    [[nodiscard]] bytes header() const noexcept { return whole.first(whole.size() - payload.size()); }
    /// Returns epoch and sequence number as one integer (RFC 6347 4.1).
    [[nodiscard]] std::uint64_t number() const noexcept { return std::uint64_t{epoch} << 48 | sequence; }
};

/// Splits a datagram into its records (RFC 6347 4.1.1: a datagram may carry several). After a malformed
/// record the rest of the datagram is dropped, since the next record boundary is unknown.
class record_cutter {
public:
    /// `id_size`: bytes of the connection ids that the receiver has issued. A tls12_cid record does not
    /// contain the length of its id (RFC 9146 4).
    explicit record_cutter(bytes datagram, std::size_t id_size = 0) noexcept
        : rest_{datagram}, id_size_{id_size}
    {
    }

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

    /// Returns the bytes that have not been split yet.
    [[nodiscard]] bytes rest() const noexcept { return rest_; }

    /// Returns the next record, or the reason to drop the rest of the datagram; in that case `done()` becomes
    /// true. Precondition: not `done()`.
    [[nodiscard]] std::variant<record_view, drop_reason> next() noexcept;

private:
    bytes rest_;
    std::size_t id_size_;
};

/// Returns the first record of a datagram, if it is well-formed.
[[nodiscard]] std::optional<record_view> first_record(bytes datagram, std::size_t id_size = 0) noexcept;

}  // namespace quivive::wire
