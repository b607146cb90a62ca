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

/// The times that switch off GnuTLS's own repeats and time-out. It measures by the wall clock, and takes a
/// step back for a difference of just below 2^32 ms: none is more than this. (INDEFINITE, which is one less,
/// would mean zero.)
inline constexpr auto gnutls_never = std::numeric_limits<unsigned>::max();
/// The whole time until its first call is over: there it notes an end, and fails when the time that is left
/// does not fit an int. 12 days.
inline constexpr unsigned gnutls_never_at_first = 0x3fffffff;

/// A GnuTLS session with what it points to.
struct live_session {
    /// A fresh one, ready to shake hands. `role`: GNUTLS_SERVER or GNUTLS_CLIENT. `id`: the connection id
    /// that the peer shall put into its records; no value: no ids. Throws `boost::system::system_error`.
    live_session(unsigned role, std::shared_ptr<const context> with,
                 const std::optional<wire::own_connection_id>& id);

    /// To be called for a server, before its hello: the message_seq that this has.
    void count_from(std::uint16_t message_seq) noexcept;
    /// The id that it was made with.
    [[nodiscard]] std::optional<wire::own_connection_id> id() const noexcept;

    std::shared_ptr<const context> shared;
    record_channel channel;
    std::unique_ptr<id_negotiation> ids;  ///< null: none are wanted
    size_negotiation sizes;
    bool unknown_identity = false;  ///< the peer has named a PSK identity that has no key
    session_handle session;
    record::replay_window window;  ///< of the records that verified
};

}  // namespace quivive::tls
