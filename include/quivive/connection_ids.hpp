#pragma once

#include "quivive/network.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace quivive {

/// Limits on the datagrams of a session to an address where its peer has moved to and has not shown that it
/// receives: the path is not validated. An answer to the return routability check (RFC 9853), which peers
/// that know it are asked for, and `session::confirm_peer` validate a path under each of these.
enum class move_policy : unsigned char {
    /// Three times the bytes that came from there, in authentic records, and no more.
    limited,

    /// At another port of the address last validated: `limits::unvalidated_bytes_per_second`, since nobody
    /// new can be harmed; unless the address is in `server_config::shared_networks`, where the other port may
    /// be somebody else's. At another address: three times, as above, and, when authentic records have come
    /// from there for three seconds, each the newest of all, in three datagrams or more, as many bytes a
    /// second. What leaves counts against both, and leaves while either has room.
    sustained,

    /// All: each source address in these networks is believed, and a move there validates the path. For
    /// networks where no source address can be forged.
    trusted,
};

[[nodiscard]] std::string_view to_string(move_policy policy) noexcept;

/// The policy for moves to an address in some networks.
struct move_rule {
    std::vector<network> networks{};
    move_policy moves = move_policy::sustained;
};

/// Connection ids (RFC 9146): a client that offers them puts an id of the server's into each of its records,
/// and so stays the same session when its address changes, as behind a NAT that forgets. Only a record that
/// verified, and that is the newest of all, moves a session, and not too often (`limits::move_interval`).
///
/// Whoever copies records and wins the race from a forged address moves a session too (RFC 9146 6). So while
/// a path is not validated, a record that comes a second time, from the path last validated, takes the move
/// back (`metrics::moves_undone`), and for ten seconds the session does not move.
struct connection_id_policy {
    /// Whether clients that offer ids get one. They need detached records, and an AEAD cipher.
    bool enabled = false;

    /// Only clients of these networks get one; empty: all. An id lets whoever can watch both networks see
    /// that a client has gone from the one to the other.
    std::vector<network> networks{};

    /// Bytes of an id, 8..16. All but three of them are random; these say, to the server alone, which thread
    /// has the session.
    std::size_t length = 8;

    /// For moves to addresses that no rule names.
    move_policy moves = move_policy::sustained;

    /// The first rule with a network that holds the new address is the one that counts.
    std::vector<move_rule> rules{};
};

}  // namespace quivive
