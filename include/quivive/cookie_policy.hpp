#pragma once

#include "quivive/load.hpp"
#include "quivive/network.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace quivive {

/// Use of the cookie exchange of RFC 6347 4.2.1 for unknown peers.
enum class cookie_exchange : unsigned char {
    always,  ///< sends a HelloVerifyRequest first; keeps no state of the peer until its cookie comes back
    never,   ///< creates a session from the first ClientHello: only for networks without forged source
             ///< addresses

    /// Behaves as `never` while the load is normal, and as `always` while the load is high (`load_marks`).
    /// The peer's Finished or a cookie validates its address. Until then the server sends at most three times
    /// the bytes received from it (RFC 9000 section 8), retransmissions included. A ClientHello is challenged
    /// when the response would exceed this limit.
    adaptive,

    drop,  ///< sends no answer
};

/// Returns the name as the configuration file spells it.
[[nodiscard]] std::string_view to_string(cookie_exchange exchange) noexcept;

/// Cookie code in this build of the library (`-DQUIVIVE_COOKIES=RUNTIME|ALWAYS|NEVER`).
enum class cookie_build : unsigned char {
    runtime,  ///< the policy decides
    always,   ///< admission without a cookie is not compiled in
    never,    ///< the cookie code is not compiled in
};

/// Returns the cookie code of this build.
[[nodiscard]] cookie_build compiled_cookies() noexcept;

/// Returns `never` in a build without cookies, otherwise `always`.
[[nodiscard]] cookie_exchange default_cookie_exchange() noexcept;

/// Cookie exchange for unknown peers from some networks.
struct cookie_rule {
    std::vector<network> networks{};                       ///< networks of the peer's address
    cookie_exchange exchange = default_cookie_exchange();  ///< exchange for peers from these networks
};

/// Settings for the cookie exchange with unknown peers, and for cookie keys.
struct cookie_policy {
    /// Rules by network. The first rule with a network that contains the peer's address applies. The lookup
    /// is a binary search over the borders of the networks, so thousands of them cost little.
    std::vector<cookie_rule> rules{};

    /// Exchange for peers that no rule names.
    cookie_exchange exchange = default_cookie_exchange();

    /// Must be true for `exchange = never`, and for a `never` rule that names all of IPv4 or of IPv6. RFC
    /// 6347 4.2.1 has the exchange on by default. Without it, anyone with a forged source address makes the
    /// server spend memory and CPU, and send several times the bytes to a victim. A build without cookies
    /// does not need it, because the decision was made at build time.
    bool trust_all_networks = false;

    /// Time for which a cookie key signs, from one second to one day. The key is accepted for as long again.
    /// A cookie is therefore valid for at least this time, and at most twice this time.
    std::chrono::milliseconds rotate_every{30'000};

    /// File of secrets. It must belong to the user that runs the process, or to root. Its mode must be 0600
    /// or 0400, or 0440 when root owns it. Empty: each process has random keys of its own.
    ///
    /// Cookie keys are derived from a secret and the wall clock, one key for each `rotate_every`. Processes
    /// that share both values accept each other's cookies, also across restarts. Their clocks may differ by
    /// one such period. A cookie is then valid for one to four periods.
    ///
    /// A file of printable ASCII has a secret in each line that is not empty: four at most, of 16 bytes or
    /// more each. A file with any other byte is one secret. `file_warnings` reports such a file when it looks
    /// like several lines of text. `file_notes` gives the number of secrets. The secrets have these uses:
    /// - The first secret makes cookies. With `server_config::state` it also seals sessions and makes
    ///   connection ids.
    /// - The first two secrets accept cookies.
    /// - All secrets open sessions and recognise ids.
    ///
    /// Secrets can be changed without an effect on clients. Each step is a reload:
    /// - Add the new secret at the end on all nodes.
    /// - Move it to the front on all nodes.
    /// - Remove the old secret after twice `rotate_every`, when no session sealed under it is left in the
    ///   folder of `state`.
    ///
    /// Such sessions are in files whose names begin with "sessions.". `quivive echo` leaves them in the
    /// folder itself, and `quivive forward` in one folder below it for each rule. An id made under a removed
    /// secret no longer leads from one thread of a server to another. A client may then have to perform a new
    /// handshake when its address changes.
    std::string secret_file{};

    /// Load at which `adaptive` begins to challenge.
    load_marks adaptive{};
};

}  // namespace quivive
