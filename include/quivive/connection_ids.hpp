#pragma once

#include "quivive/network.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace quivive {

/// Limits on the datagrams that a session sends to the new, unvalidated address of a peer that has moved.
/// Under each policy, two events validate a path: a successful return routability check (RFC 9853) and
/// `session::confirm_peer`. Only peers that support the check are challenged.
enum class move_policy : unsigned char {
    /// At most three times the bytes received from the address in authentic records.
    limited,

    /// Three times the bytes received, as for `limited`, and in two cases also a rate:
    /// `limits::unvalidated_bytes_per_second`. A datagram is sent while either limit allows it. Each datagram
    /// counts against both. The rate applies:
    /// - at another port of the last validated address, at once, because no other host can be harmed.
    ///   Addresses in `server_config::shared_networks` are excepted: another port may belong to another user
    ///   there.
    /// - at another address, after three seconds of authentic records from there, in three datagrams or more.
    ///   Each of these records must be the newest of all.
    sustained,

    /// No limit. Each source address in these networks is trusted, and a move there validates the path. Only
    /// for networks where no source address can be forged.
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
/// records. Its session then survives a change of its address, for example when a NAT mapping expires. A
/// session only moves for a record that verified and is the newest of all. `limits::move_interval` limits how
/// often it moves.
///
/// An attacker who copies records and wins the race from a forged address also moves a session (RFC 9146 6).
/// While a path is unvalidated, a duplicate of a record from the last validated path therefore undoes the
/// move (`metrics::moves_undone`). The session then does not move for ten seconds.
struct connection_id_policy {
    /// True if clients that offer ids get one. They need detached records and an AEAD cipher.
    bool enabled = false;

    /// Networks whose clients get an id; empty: all. An id lets an observer of two networks see that a client
    /// has changed from one to the other.
    std::vector<network> networks{};

    /// Length of an id in bytes, 8..16. Three bytes encode the thread that owns the session; only the server
    /// can read them. All other bytes are random.
    std::size_t length = 8;

    /// Policy for moves to addresses that no rule names.
    move_policy moves = move_policy::sustained;

    /// Rules for moves. The first rule with a network that contains the new address applies.
    std::vector<move_rule> rules{};
};

}  // namespace quivive
