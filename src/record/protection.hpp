#pragma once

#include "quivive/drop_reason.hpp"
#include "record/connection_ids.hpp"
#include "record/keys.hpp"
#include "wire/outbox.hpp"
#include "wire/record.hpp"

#include <cstddef>
#include <span>

namespace quivive::record {

/// What a protected record turned out to be.
enum class opened_kind : unsigned char {
    message,            ///< application data; `size` bytes of it are in the caller's buffer
    close_notify,       ///< the peer ends the session cleanly
    fatal_alert,        ///< authentic: the session is over
    warning,            ///< an authentic warning alert; ignore
    repeated_finished,  ///< the peer did not get our last flight: repeat it (RFC 6347 4.2.4)
    renegotiation,      ///< an authentic ClientHello or HelloRequest: answered with no_renegotiation
    path_message,       ///< of the return routability check (RFC 9853); `size` bytes of it, as of a message
    discarded,          ///< not authentic or not in place; `reason` says why
};

struct opened {
    opened_kind kind = opened_kind::discarded;
    std::size_t size = 0;
    drop_reason reason = drop_reason::bad_record_mac;
    bool authentic = false;
    bool newest = false;  ///< authentic, and its number is above those of all before it
};

enum class alert : unsigned char { close_notify = 0, no_renegotiation = 100 };

enum class sealed : unsigned char {
    sent,
    empty,      ///< GnuTLS's own session sends no empty message
    too_large,  ///< more than `max_message_size()`
    exhausted,  ///< no sequence number is left, or the session is beyond use
};

/// Protects the records of one association after its handshake: the one interface behind which GnuTLS's
/// session ("attached") or keys of our own ("detached") do the work.
/// Not thread-safe. No function throws or blocks.
class protection {
public:
    virtual ~protection() = default;

    /// Opens one record, cut by the caller. `plaintext` must hold
    /// `record.payload.size()` bytes. Nothing is written before the tag is verified.
    /// May put a no_renegotiation warning into `out`.
    [[nodiscard]] virtual opened open(const wire::record_view& record, std::span<std::byte> plaintext,
                                      const wire::path& path, wire::outbox& out) noexcept = 0;

    /// Whether a record that was received before is authentic. It counts for nothing else, and is no part of
    /// the replay window. False where that cannot be told. `plaintext` as for `open`.
    [[nodiscard]] virtual bool verifies(const wire::record_view& record,
                                        std::span<std::byte> plaintext) noexcept;

    /// Seals one message as one record in one datagram.
    [[nodiscard]] virtual sealed seal(wire::bytes message, const wire::path& path,
                                      wire::outbox& out) noexcept = 0;

    /// Sends an alert: close_notify, or a warning.
    virtual void send_alert(alert what, const wire::path& path, wire::outbox& out) noexcept = 0;

    /// Sends a message of the return routability check (RFC 9853 4), where it was agreed on.
    virtual void send_path_message(wire::bytes message, const wire::path& path, wire::outbox& out) noexcept;

    /// Protects a record of our last flight anew, in place, under the next sequence number, which is used up:
    /// a repeat is a new record (RFC 6347 4.2.2). One that is none of ours, or for which there is no number
    /// or no memory, stays as it was.
    virtual void renew(std::span<std::byte> record) noexcept = 0;

    /// The largest message that fits one datagram of the path's MTU and that the peer takes in one record, in
    /// bytes.
    [[nodiscard]] virtual std::size_t max_message_size() const noexcept = 0;

    /// Bytes of the smallest record the peer can have protected: what is shorter need not be tried.
    [[nodiscard]] virtual std::size_t min_payload() const noexcept = 0;

    /// Whether the keys have protected, or failed to verify, as much as they may (RFC 8446 5.5, RFC 9147
    /// 4.5.3): the session is to be ended; its close_notify can still be sent.
    [[nodiscard]] virtual bool worn_out() const noexcept { return false; }

    /// Null when there are none.
    [[nodiscard]] virtual const connection_ids* ids() const noexcept { return nullptr; }

    /// Null when they are not ours to have ("attached").
    [[nodiscard]] virtual const session_keys* keys() const noexcept { return nullptr; }
};

inline bool protection::verifies(const wire::record_view&, std::span<std::byte>) noexcept { return false; }

inline void protection::send_path_message(wire::bytes, const wire::path&, wire::outbox&) noexcept {}

}  // namespace quivive::record
