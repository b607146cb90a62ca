#pragma once

#include "quivive/network.hpp"

#include <cstddef>
#include <vector>

namespace quivive {

/// Connection ids (RFC 9146): a client that offers them puts an id of the server's into each of its records,
/// and so stays the same session when its address changes, as behind a NAT that forgets. Only a record that
/// verified, and that is the newest of all, moves a session (`limits::move_interval`); until the peer has
/// shown that it is at its new address it is sent at most three times the bytes that came from there. Clients
/// that know the return routability check (RFC 9853) are asked; for the others the application may vouch
/// (`session::confirm_peer`).
struct connection_id_policy {
    /// Whether clients that offer ids get one. They need detached records, and an AEAD cipher.
    bool enabled = false;

    /// Only clients of these networks get one; empty: all. An id lets whoever can watch both networks see
    /// that a client has gone from the one to the other.
    std::vector<network> networks{};

    /// Bytes of an id, 8..16. All but two of them are random; these say, to the server alone, which thread
    /// has the session.
    std::size_t length = 8;
};

}  // namespace quivive
