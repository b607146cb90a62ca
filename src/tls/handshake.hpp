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

/// What the handshake of one association may cost and how patient it is. See `quivive::limits`.
struct handshake_settings {
    std::chrono::milliseconds retransmit_first{900};
    std::chrono::milliseconds repeat_interval{40};
    std::size_t repeat_burst = 10;
    std::size_t max_message_bytes = 32'768;
    /// Protected ones kept that overtook others, `early_bytes` at most together; the oldest makes room.
    std::size_t early_records = 4;
    std::size_t handshake_mtu = 1'200;  ///< bytes of UDP payload, for flights
    std::size_t mtu = 1'400;            ///< the same, for application data
    /// Ciphers for records that are protected without GnuTLS's session ("detached"), which is freed. Null: it
    /// stays and protects them ("attached").
    std::shared_ptr<record::aead_cache> ciphers{};
    /// Connection ids (RFC 9146), for detached records only: the id that the peer shall put into its records.
    /// A client offers it; a server gives it to a client that offers some. It may be empty, a client's own
    /// wish for records without one. No value: no ids.
    std::optional<wire::own_connection_id> connection_id{};
};

/// Bytes of early records that a handshake keeps.
inline constexpr std::size_t early_bytes = 8'192;

/// What a handshake may hold at most beside GnuTLS's session (`handshake::held_bytes`): a message of the
/// largest size, and for all else as much as for early records. See `handshake::most_held`.
[[nodiscard]] constexpr std::size_t most_held(std::size_t max_message_bytes) noexcept
{
    return max_message_bytes + early_bytes;
}

enum class handshake_status : unsigned char { in_progress, done, failed };

/// What was learned from the handshake; the server layer makes a `session_info` of it.
struct handshake_facts {
    std::string protocol, cipher_suite, server_name, alpn, psk_identity, peer_pin, peer_subject;
    bool resumed = false;
    bool extended_master_secret = false;            ///< RFC 7627
    bool connection_id = false;                     ///< the peer puts an id of ours into its records
    std::shared_ptr<const keying_material> keying;  ///< null: none was wanted

    bool unknown_identity = false;  ///< of one that has failed: there is no key for `psk_identity`

    // Of a session that another process began.
    bool imported = false;
    std::vector<std::byte> application;  ///< what its handler gave along
};

/// What became of one record that was fed.
struct fed {
    bool consumed = false;  ///< else `reason` holds
    drop_reason reason = drop_reason::unexpected_record;
    bool plaintext_fatal_alert = false;  ///< dropped, but worth a shorter patience
};

/// One DTLS handshake, server's or client's side: is fed records and a time; sends flights into an outbox,
/// says when to wake it, and what happened. No socket, no clock. Not thread-safe; no function throws but the
/// factories (`std::bad_alloc`, or `config_error` when GnuTLS refuses the context) and those that hand over
/// what a finished one has made.
///
/// GnuTLS never sees a datagram here: one whole, plausible record a pull (src/README.md, "What GnuTLS does").
class handshake {
public:
    virtual ~handshake() = default;

    /// One whole record of this association, of any epoch.
    virtual fed feed(const wire::record_view& record, time_point now, wire::outbox& out) noexcept = 0;

    /// To be called at `next_wake()` or later: repeats the flight when it is time, and doubles the wait.
    virtual void on_timer(time_point now, wire::outbox& out) noexcept = 0;

    /// When a flight is out and unanswered: the time of its next repeat; else `no_deadline`.
    [[nodiscard]] virtual time_point next_wake() const noexcept = 0;

    /// How often the flight was sent again since the last call, by the timer or because the peer repeats its
    /// own.
    [[nodiscard]] virtual std::uint16_t take_repeats() noexcept = 0;
    /// Whether a ticket was refused since the last call that GnuTLS had taken: a server's full handshake
    /// follows.
    [[nodiscard]] virtual bool take_refused_resumption() noexcept = 0;

    [[nodiscard]] virtual handshake_status status() const noexcept = 0;
    /// Set when failed; of a rejected certificate a `certificate_fault`. A fatal alert has then been put into
    /// the outbox, if there is one to send.
    [[nodiscard]] virtual error_code error() const noexcept = 0;

    /// Bytes that it holds beside GnuTLS's own session: records and messages that wait for what has to come
    /// before them, messages that were taken, and its own flight. Not more than `most_held`.
    [[nodiscard]] virtual std::size_t held_bytes() const noexcept = 0;
    /// The most that it may hold: `tls::most_held`, and beside that, once it is taken, a hello whose ticket
    /// may hold its client's chain, twice. When the ticket is refused the client sends the chain itself,
    /// which must have room. With a hello of the largest size that is 73 kB more.
    [[nodiscard]] virtual std::size_t most_held() const noexcept = 0;
    /// From now on it keeps nothing by which it would hold more than this, nor more than `most_held`. What it
    /// holds already stays.
    virtual void hold_at_most(std::size_t bytes) noexcept = 0;

    /// Whether the message whose turn it is becomes whole by this record: to take it in may cost a signature,
    /// whatever else comes a few microseconds, contradictions of what has come included.
    [[nodiscard]] virtual bool is_costly(const wire::record_view& record) const noexcept = 0;

    /// The rest is to be called once, when done. Throws when GnuTLS does not give what was asked for. This
    /// also when failed for `errc::wrong_key`: then it has what the peer has claimed.
    [[nodiscard]] virtual handshake_facts facts() const = 0;
    /// After `facts()`, which are out of a session that this takes away. Throws too.
    [[nodiscard]] virtual std::unique_ptr<record::protection> take_protection() = 0;
    /// Our last flight, when this side sent the handshake's last one (empty otherwise).
    [[nodiscard]] virtual flight take_last_flight() = 0;
    /// Whole records of the new epoch that overtook the Finished, oldest first: to be opened now.
    [[nodiscard]] virtual std::vector<std::vector<std::byte>> take_early_records() = 0;
};

/// A server's side. The ClientHello is fed as the first record after this.
[[nodiscard]] std::unique_ptr<handshake> make_server_handshake(std::shared_ptr<const context> context,
                                                               const handshake_settings& settings,
                                                               const prestate& start, const wire::path& path);

/// A client's side: sends its first flight at once.
[[nodiscard]] std::unique_ptr<handshake> make_client_handshake(std::shared_ptr<const context> context,
                                                               const handshake_settings& settings,
                                                               const wire::path& path, time_point now,
                                                               wire::outbox& out);

}  // namespace quivive::tls
