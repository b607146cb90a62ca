#pragma once

#include "record/replay_window.hpp"
#include "tls/context.hpp"
#include "tls/handles.hpp"
#include "tls/id_negotiation.hpp"
#include "tls/record_channel.hpp"
#include "tls/size_negotiation.hpp"

#include <limits>
#include <memory>
#include <optional>

namespace quivive::tls {

/// The timeout value that switches off GnuTLS's own retransmission and timeout. GnuTLS uses the wall clock,
/// and a backward step of the clock gives a difference just below 2^32 ms. No such difference exceeds this
/// value. (INDEFINITE, which is one less, would mean zero.)
inline constexpr auto gnutls_never = std::numeric_limits<unsigned>::max();
/// The total timeout until the first call of GnuTLS is over. In this call GnuTLS computes the end time, and
/// fails when the remaining time does not fit an int. 12 days.
inline constexpr unsigned gnutls_never_at_first = 0x3fffffff;

/// A GnuTLS session with the objects that it points to.
struct live_session {
    /// Creates a fresh session, ready for a handshake. `role` is GNUTLS_SERVER or GNUTLS_CLIENT. `id` is the
    /// connection id that the peer puts into its records; no value: no ids. Throws
    /// `boost::system::system_error`.
    live_session(unsigned role, std::shared_ptr<const context> with,
                 const std::optional<wire::own_connection_id>& id);

    /// Sets the message_seq of the hello. Call it for a server, before its hello.
    void count_from(std::uint16_t message_seq) noexcept;
    /// Returns the connection id that the session was created with.
    [[nodiscard]] std::optional<wire::own_connection_id> id() const noexcept;

    std::shared_ptr<const context> shared;
    record_channel channel;
    std::unique_ptr<id_negotiation> ids;  ///< null: no connection ids are requested
    size_negotiation sizes;
    bool unknown_identity = false;  ///< the peer has named a PSK identity without a key
    session_handle session;
    record::replay_window window;  ///< for the records that verified
};

}  // namespace quivive::tls
