#pragma once

#include "quivive/drop_reason.hpp"
#include "record/connection_ids.hpp"
#include "record/keys.hpp"
#include "wire/outbox.hpp"
#include "wire/record.hpp"

#include <cstddef>
#include <span>

namespace quivive::record {

/// Result of opening a protected record.
enum class opened_kind : unsigned char {
    message,            ///< application data: `size` bytes in the caller's buffer
    close_notify,       ///< the peer closes the session
    fatal_alert,        ///< authentic fatal alert: the session is over
    warning,            ///< authentic warning alert, to be ignored
    repeated_finished,  ///< the peer did not receive the last flight: retransmit it (RFC 6347 4.2.4)
    renegotiation,      ///< authentic ClientHello or HelloRequest: answered with no_renegotiation
    path_message,       ///< return routability check (RFC 9853): `size` bytes in the caller's buffer
    discarded,          ///< not authentic or not expected; see `reason`
};

struct opened {
    opened_kind kind = opened_kind::discarded;
    std::size_t size = 0;
    drop_reason reason = drop_reason::bad_record_mac;
    bool authentic = false;
    bool newest = false;  ///< authentic, with a higher sequence number than all earlier records
};

enum class alert : unsigned char { close_notify = 0, no_renegotiation = 100 };

enum class sealed : unsigned char {
    sent,
    empty,      ///< the message is empty, which a GnuTLS session cannot send
    too_large,  ///< more than `max_message_size()`
    exhausted,  ///< no sequence number is left, or the session is no longer usable
};

/// Protects the records of one association after its handshake. Implemented by the GnuTLS session
/// ("attached") and with keys held by quivive ("detached"). Not thread-safe. No function throws or blocks.
class protection {
public:
    virtual ~protection() = default;

    /// Opens one record of a datagram. `plaintext` must have at least `record.payload.size()` bytes. The call
    /// may write to it before the tag is verified. When the tag does not verify, the decrypted bytes are
    /// wiped. May send a no_renegotiation warning to `out`.
    [[nodiscard]] virtual opened open(const wire::record_view& record, std::span<std::byte> plaintext,
                                      const wire::path& path, wire::outbox& out) noexcept = 0;

    /// Returns whether a record is authentic, even if it was received before. The record is not interpreted
    /// and not added to the replay window. Returns false when the implementation cannot check that.
    /// `plaintext` as for `open`.
    [[nodiscard]] virtual bool verifies(const wire::record_view& record,
                                        std::span<std::byte> plaintext) noexcept;

    /// Seals one message as one record in one datagram.
    [[nodiscard]] virtual sealed seal(wire::bytes message, const wire::path& path,
                                      wire::outbox& out) noexcept = 0;

    /// Sends an alert: close_notify, or a warning.
    virtual void send_alert(alert what, const wire::path& path, wire::outbox& out) noexcept = 0;

    /// Sends a message of the return routability check (RFC 9853 4), if the check was negotiated.
    virtual void send_path_message(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept;

    /// Protects a record of the last flight again, in place. This consumes the next sequence number: a
    /// retransmission is a new record (RFC 6347 4.2.2). The record stays unchanged in three cases: it does
    /// not open with these keys, no sequence number is left, or memory is exhausted.
    virtual void renew(std::span<std::byte> record) noexcept = 0;

    /// Returns the size in bytes of the largest message that fits both a datagram of the path's MTU and the
    /// peer's record size limit.
    [[nodiscard]] virtual std::size_t max_message_size() const noexcept = 0;

    /// Returns the bytes of the smallest payload the peer can have protected. Shorter payloads need not be
    /// decrypted.
    [[nodiscard]] virtual std::size_t min_payload() const noexcept = 0;

    /// Returns whether the keys have reached their AEAD usage limits (RFC 8446 5.5, RFC 9147 4.5.3). The
    /// session must then be closed; its close_notify can still be sent.
    [[nodiscard]] virtual bool aead_limit_reached() const noexcept { return false; }

    /// Returns the negotiated connection ids, or null.
    [[nodiscard]] virtual const connection_ids* ids() const noexcept { return nullptr; }

    /// Returns the session's keys, or null when GnuTLS holds them ("attached").
    [[nodiscard]] virtual const session_keys* keys() const noexcept { return nullptr; }
};

inline bool protection::verifies(const wire::record_view&, std::span<std::byte>) noexcept { return false; }

inline void protection::send_path_message(wire::bytes, const wire::path&, wire::outbox&) noexcept {}

}  // namespace quivive::record
