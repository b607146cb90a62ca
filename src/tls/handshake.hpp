#pragma once

#include "quivive/drop_reason.hpp"
#include "quivive/error.hpp"
#include "quivive/keying.hpp"
#include "record/aead_cache.hpp"
#include "record/protection.hpp"
#include "tls/context.hpp"
#include "tls/flight.hpp"
#include "tls/prestate.hpp"
#include "wire/connection_id.hpp"
#include "wire/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace quivive::tls {

/// Limits on the cost of one association's handshake, and its timing. See `quivive::limits`.
struct handshake_settings {
    std::chrono::milliseconds retransmit_first{900};
    std::chrono::milliseconds repeat_interval{40};
    std::size_t repeat_burst = 10;
    std::size_t max_message_bytes = 32'768;
    /// Maximum number of protected records kept that overtook others, with at most `early_bytes` in total.
    /// The oldest is discarded first.
    std::size_t early_records = 4;
    std::size_t handshake_mtu = 1'200;  ///< bytes of UDP payload, for flights
    std::size_t mtu = 1'400;            ///< the same, for application data
    /// Ciphers for records that are protected without GnuTLS's session ("detached"). The session is then
    /// freed. Null: the session remains and protects them ("attached").
    std::shared_ptr<record::aead_cache> ciphers{};
    /// The connection id (RFC 9146) that the peer puts into its records; for detached records only. A client
    /// offers it, and a server sends it to a client that offers the extension. It may be empty: a client then
    /// requests records without an id. No value: no connection ids.
    std::optional<wire::own_connection_id> connection_id{};
};

/// Maximum bytes of early records that a handshake keeps.
inline constexpr std::size_t early_bytes = 8'192;

/// Returns the maximum number of bytes that a handshake may hold in addition to GnuTLS's session
/// (`handshake::held_bytes`): a message of the largest size, and for everything else as much as for early
/// records. See `handshake::max_held`.
[[nodiscard]] constexpr std::size_t max_held(std::size_t max_message_bytes) noexcept
{
    return max_message_bytes + early_bytes;
}

enum class handshake_status : unsigned char { in_progress, done, failed };

/// Facts learned from the handshake. The server layer converts them to a `session_info`.
struct handshake_facts {
    std::string protocol, cipher_suite, server_name, alpn, psk_identity, peer_pin, peer_subject;
    bool resumed = false;
    bool extended_master_secret = false;  ///< RFC 7627
    bool connection_id = false;  ///< the peer puts a connection id chosen by this side into its records
    std::shared_ptr<const keying_material> keying;  ///< null: none was requested

    bool unknown_identity = false;  ///< only after a failed handshake: there is no key for `psk_identity`

    // True for a session that another process began.
    bool imported = false;
    std::vector<std::byte> application;  ///< data that the exporting handler supplied
};

/// Result of feeding one record.
struct feed_result {
    bool consumed = false;  ///< false: `reason` is valid
    drop_reason reason = drop_reason::unexpected_record;
    bool plaintext_fatal_alert = false;  ///< dropped, but reason to use a shorter timeout
};

/// One DTLS handshake, of the server's or the client's side. It takes records and the time, sends flights
/// into an outbox, and reports its next wake-up time and its result. It has no socket and no clock. Not
/// thread-safe. No function throws, except:
/// - the factories (`std::bad_alloc`, or `config_error` when GnuTLS refuses the context);
/// - the functions that return the results of a finished handshake.
///
/// GnuTLS never receives a datagram here: each pull returns one whole, plausible record (src/README.md,
/// "GnuTLS traps").
class handshake {
public:
    virtual ~handshake() = default;

    /// Feeds one whole record of this association, of any epoch.
    virtual feed_result feed(const wire::record_view& record, time_point now, wire::outbox& out) noexcept = 0;

    /// Retransmits the flight when it is due, and doubles the timeout. Call it at `next_wake()` or later.
    virtual void on_timer(time_point now, wire::outbox& out) noexcept = 0;

    /// Returns the time of the next retransmission while a flight is unanswered; `no_deadline` at other
    /// times.
    [[nodiscard]] virtual time_point next_wake() const noexcept = 0;

    /// Returns the number of retransmissions of the flight since the last call: by the timer, and in response
    /// to the peer's retransmissions.
    [[nodiscard]] virtual std::uint16_t take_retransmissions() noexcept = 0;
    /// Returns true when a ticket was refused since the last call although GnuTLS had accepted it. A server's
    /// full handshake follows.
    [[nodiscard]] virtual bool take_refused_resumption() noexcept = 0;

    [[nodiscard]] virtual handshake_status status() const noexcept = 0;
    /// Returns the error of a failed handshake; a `certificate_fault` for a rejected certificate. The outbox
    /// then already has the fatal alert, if one is to be sent.
    [[nodiscard]] virtual error_code error() const noexcept = 0;

    /// Returns the number of bytes held in addition to GnuTLS's own session: records and messages that wait
    /// for earlier ones, messages already taken, and its own flight. At most `max_held`.
    [[nodiscard]] virtual std::size_t held_bytes() const noexcept = 0;
    /// Returns the maximum that it may hold, which is `tls::max_held` at first. A hello whose ticket may
    /// contain its client's chain adds twice its size once it is taken. When the ticket is refused, the
    /// client sends the chain itself, and the handshake must hold it. With a hello of the largest size that
    /// is 73 kB more.
    [[nodiscard]] virtual std::size_t max_held() const noexcept = 0;
    /// Limits the bytes held: from now on it keeps nothing that would exceed `bytes` or `max_held`. Bytes
    /// held already stay.
    virtual void limit_held_bytes(std::size_t bytes) noexcept = 0;

    /// Returns true when this record completes the next expected message. Processing it may then cost a
    /// signature. Any other record costs a few microseconds, including records that contradict earlier ones.
    [[nodiscard]] virtual bool is_costly(const wire::record_view& record) const noexcept = 0;

    /// Call the remaining functions once, when the handshake is done. They throw when GnuTLS does not supply
    /// the requested data. `facts` may also be called after a failure with `errc::wrong_key`: it then returns
    /// the peer's claims.
    [[nodiscard]] virtual handshake_facts facts() const = 0;
    /// Returns the record protection. Call it after `facts()`: this call takes away the session that
    /// `facts()` reads. Throws too.
    [[nodiscard]] virtual std::unique_ptr<record::protection> take_protection() = 0;
    /// Returns this side's last flight when this side sent the last one of the handshake; empty otherwise.
    [[nodiscard]] virtual flight take_last_flight() = 0;
    /// Returns whole records of the new epoch that overtook the Finished, oldest first. The caller opens them
    /// now.
    [[nodiscard]] virtual std::vector<std::vector<std::byte>> take_early_records() = 0;
};

/// Creates a server's side. Feed it the ClientHello as its first record.
[[nodiscard]] std::unique_ptr<handshake> make_server_handshake(std::shared_ptr<const context> context,
                                                               const handshake_settings& settings,
                                                               const prestate& start, const wire::path& path);

/// Creates a client's side, which sends its first flight at once.
[[nodiscard]] std::unique_ptr<handshake> make_client_handshake(std::shared_ptr<const context> context,
                                                               const handshake_settings& settings,
                                                               const wire::path& path, time_point now,
                                                               wire::outbox& out);

}  // namespace quivive::tls
