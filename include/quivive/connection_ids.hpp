#pragma once

#include "quivive/network.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace quivive {

/// Limits on the datagrams that a session sends to an unvalidated address of a peer that has moved. The
/// return routability check (RFC 9853), which peers that support it are sent, and `session::confirm_peer`
/// validate a path under each policy.
enum class move_policy : unsigned char {
    /// At most three times the bytes received from the address in authentic records.
    limited,

    /// A rate limit where the move looks harmless. At another port of the last validated address, the limit
    /// is `limits::unvalidated_bytes_per_second`, because no other host can be harmed. Addresses in
    /// `server_config::shared_networks` are excepted, since another port may belong to another host there.
    ///
    /// At another address, the limit is three times the bytes received, as for `limited`. The rate limit
    /// applies in addition after three seconds of authentic records from there, in three datagrams or more,
    /// each record the newest of all. Sent bytes count against both limits. A datagram is sent while either
    /// limit allows it.
    sustained,

    /// No limit. Each source address in these networks is trusted, and a move there validates the path. For
    /// networks where no source address can be forged.
    trusted,
};

/// Returns the policy's name as the configuration file spells it.
[[nodiscard]] std::string_view to_string(move_policy policy) noexcept;

/// Policy for moves to an address in some networks.
struct move_rule {
    std::vector<network> networks{};             ///< networks of the new address
    move_policy moves = move_policy::sustained;  ///< policy for moves to these networks
};

/// Settings for connection ids (RFC 9146). A client that offers them puts the server's id into each of its
/// records. It so keeps its session when its address changes, for example behind a NAT whose mapping expires.
/// Only a record that verified, and that is the newest of all, moves a session, and not too often
/// (`limits::move_interval`).
///
/// An attacker who copies records and wins the race from a forged address also moves a session (RFC 9146 6).
/// So while a path is unvalidated, a duplicate of a record from the last validated path undoes the move
/// (`metrics::moves_undone`). The session then does not move for ten seconds.
struct connection_id_policy {
    /// True if clients that offer ids get one. They need detached records and an AEAD cipher.
    bool enabled = false;

    /// Networks whose clients get an id; empty: all. With an id, an observer of two networks can see that a
    /// client has changed from one to the other.
    std::vector<network> networks{};

    /// Length of an id in bytes, 8..16. All but three bytes are random. These three encode the thread that
    /// owns the session, readable by the server alone.
    std::size_t length = 8;

    /// Policy for moves to addresses that no rule names.
    move_policy moves = move_policy::sustained;

    /// Rules for moves. The first rule with a network that contains the new address applies.
    std::vector<move_rule> rules{};
};

}  // namespace quivive
