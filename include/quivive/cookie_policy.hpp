#pragma once

#include "quivive/load.hpp"
#include "quivive/network.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace quivive {

/// What a stranger meets: the cookie exchange of RFC 6347 4.2.1, or not.
enum class cookie_exchange : unsigned char {
    always,  ///< a HelloVerifyRequest first; nothing is kept of the peer until its cookie comes back
    never,   ///< the first ClientHello makes a session: for networks without forged source addresses only

    /// As `never` while the load is normal, but until the peer's Finished, or a cookie, has proven its
    /// address it is sent at most three times the bytes that came from there (RFC 9000 section 8), repeats
    /// included; a hello whose answer would not fit is challenged. As `always` while the load is high
    /// (`load_marks`).
    adaptive,

    drop,  ///< no answer
};

[[nodiscard]] std::string_view to_string(cookie_exchange exchange) noexcept;

/// What this build of the library contains (`-DQUIVIVE_COOKIES=RUNTIME|ALWAYS|NEVER`).
enum class cookie_build : unsigned char {
    runtime,  ///< the policy decides
    always,   ///< the way past the cookie is not compiled in
    never,    ///< the cookie code is not compiled in
};

[[nodiscard]] cookie_build compiled_cookies() noexcept;

/// `never` in a build without cookies, else `always`.
[[nodiscard]] cookie_exchange default_cookie_exchange() noexcept;

/// What strangers from some networks meet.
struct cookie_rule {
    std::vector<network> networks{};
    cookie_exchange exchange = default_cookie_exchange();
};

struct cookie_policy {
    /// The first rule with a network that holds the peer's address is the one that counts. Looking it up
    /// takes a search by halves among the networks' borders, so thousands of them do no harm.
    std::vector<cookie_rule> rules{};

    /// For all whom no rule names.
    cookie_exchange exchange = default_cookie_exchange();

    /// Must be true for `exchange = never`, and for a `never` rule that names all of IPv4 or of IPv6: RFC
    /// 6347 4.2.1 has the exchange on by default, since without it anyone with a forged source address makes
    /// this server spend memory and CPU, and send several times the bytes to a victim. Not needed in a build
    /// without cookies, where that was decided at build time.
    bool trust_all_networks = false;

    /// How long a cookie key signs. It is accepted for as long again, so a cookie lives this long at least,
    /// and twice this long at most. From one second to one day.
    std::chrono::milliseconds rotate_every{30'000};

    /// A file of secrets. It belongs to the user that runs this, or to root, and has mode 0600 or 0400, or
    /// 0440 when root owns it. Cookie keys are derived from a secret and the wall clock, a key for each
    /// `rotate_every`, so that all processes that share both accept each other's cookies, across restarts
    /// too. Their clocks may be one such period apart; a cookie lives for one to four of them. Empty: keys
    /// are random, of each process its own.
    ///
    /// A file of printable ASCII has a secret in each line that is not empty: four at most, of 16 bytes or
    /// more each. With any other byte, all of it is one secret, of which `file_warnings` tells when it looks
    /// like several lines of text (`file_notes` says how many secrets there are). The first makes cookies,
    /// and with `server_config::state` seals sessions and makes connection ids. Sessions are opened, and ids
    /// known, by all of them; cookies are accepted by the first two. So secrets change without a client that
    /// notices: the new one is added at the end on all nodes, then moved to the front on all; the old one is
    /// removed after twice `rotate_every`, when no session that was sealed under it is left in the folder of
    /// `state`: in files whose names begin with "sessions.", which `quivive echo` leaves in the folder
    /// itself, and `quivive forward` in one folder below it for each rule. Each step is a reload. An id that
    /// was made under a secret that is gone no longer leads from one thread of a server to another: a client
    /// whose address changes then may have to shake hands again.
    std::string secret_file{};

    /// What `adaptive` takes for high load.
    load_marks adaptive{};
};

}  // namespace quivive
