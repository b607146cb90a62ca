#pragma once

#include "dispatch/dispatcher.hpp"
#include "support/sim/precedence.hpp"
#include "support/sim/whereabouts.hpp"
#include "support/tls_pair.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

namespace quivive::test::sim {

/// Records what really happens in the world and checks the server's guarantees after every step
/// (tests/sim/README.md lists them). Uses the server's own statements only where no independent record
/// exists.
class auditor {
public:
    auditor(const quivive::limits& limits, cookie_exchange exchange, move_policy moves, bool shared_addresses,
            duration cookie_life, const time_point& now)
        : limits_{limits},
          exchange_{exchange},
          moves_{moves},
          shared_addresses_{shared_addresses},
          cookie_life_{cookie_life},
          now_{now},
          whereabouts_{limits, moves, now, [this](const wire::endpoint& at) { return accounts_[at].reached; },
                       [this](const std::string& what) { fail(what); }},
          precedence_{[this](const std::string& what) { fail(what); }}
    {
    }

    // Events of the world.
    void will_route(const wire::path& from, wire::bytes datagram);
    /// A client has sent this datagram, or sends this message in one.
    void sends(wire::bytes datagram) { whereabouts_.said(datagram); }
    void says(const std::string& message) { spoken_.insert(message); }
    [[nodiscard]] bool was_said(const std::string& message) const { return spoken_.contains(message); }
    void handshake_begun(const wire::path& from)
    {
        auto& peer = accounts_[from.peer];
        ++peer.begun;
        peer.last = now_;
        peer.disturbed = false;
        peer.provoked = peer.provoked && peer.handshakes > 0;  // perhaps an attacker began that one
        peer.asked = peer.answered = 0;
        peer.stands_for.reset();
    }
    /// A client changes its address before its handshake is done. A session from the new address is also
    /// its own.
    void moves_early(const wire::path& begun_at, const wire::path& to)
    {
        accounts_[to.peer].stands_for = begun_at.peer;
        accounts_[to.peer].last = now_;
    }
    /// A client that answers path challenges has received a datagram there.
    void reached(const wire::path& at)
    {
        accounts_[at.peer].reached = true;
        reached_hosts_.insert(at.peer.address);
    }
    void client_closes(const wire::path& from) { accounts_[from.peer].client_closed = true; }
    /// The client's handshake has failed, with an alert that may already be protected.
    void client_fails(const wire::path& from) { accounts_[from.peer].client_failed = true; }
    void server_closes(const wire::endpoint& to) { accounts_[to].server_closed = true; }
    /// A datagram that the server did not send reaches the client there, or one that the client did not
    /// send reaches the server.
    void disturbed(const wire::path& from) { accounts_[from.peer].disturbed = true; }
    void provoked(const wire::path& from) { accounts_[from.peer].provoked = true; }
    /// Returns whether the server has received several datagrams from there and answered none.
    [[nodiscard]] bool is_ignored(const wire::path& from)
    {
        return accounts_[from.peer].asked >= 3 && accounts_[from.peer].answered == 0;
    }
    /// Returns whether the handshake from there may fail: an attacker can disturb plaintext messages.
    [[nodiscard]] bool may_fail(const wire::path& from)
    {
        return accounts_[from.peer].disturbed || accounts_[from.peer].provoked;
    }

    // Actions of the server.
    void sent(const wire::path& to, wire::bytes datagram);
    void admitted(const wire::client_hello_view& hello, const wire::path& from, bool proven);
    void established(const dispatch::connection& connection);
    /// The session of the client that began there has been imported by another dispatcher.
    void imported(const dispatch::connection& connection, const wire::endpoint& begun_at);
    void moved(const dispatch::connection& connection, const wire::path& before);
    void ended(const std::shared_ptr<dispatch::connection>& connection, bool was_session);
    /// A message of the session has arrived.
    void heard(const dispatch::connection& connection) { sessions_[&connection].heard = now_; }
    /// Returns the client's address when the session began, which identifies the session here.
    [[nodiscard]] const wire::endpoint& begun_at(const dispatch::connection& connection)
    {
        return sessions_[&connection].begun_at;
    }
    void routed(dispatch::decision decided);
    void step_over(const metrics& counted, const dispatch::dispatcher& server);

    /// Marks a handshake step that runs elsewhere and keeps the connection alive, and its end.
    void begins_step(const dispatch::connection& connection) { at_work_.insert(&connection); }
    void ends_step(const dispatch::connection& connection) { at_work_.erase(at_work_.find(&connection)); }

    /// From now on sessions may be exported, or end with their server.
    void restart(bool going_on) { restarting_ = going_on; }

    /// The first guarantee that was violated; empty: none.
    [[nodiscard]] const std::string& broken() const { return broken_; }
    void fail(const std::string& what);
    void hold(bool condition, const char* what)
    {
        if (!condition) fail(what);
    }
    [[nodiscard]] bool server_has_closed(const wire::path& to) { return accounts_[to.peer].server_closed; }

    /// A digest of the run, equal for equal runs.
    [[nodiscard]] std::uint64_t digest() const { return digest_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    void remove_old_unknown_peers();

private:
    /// A peer address and port, since the server last had no state for it.
    struct account {
        std::uint64_t received = 0, sent = 0;
        bool proven = false;
        // Sessions with a connection id that have moved to this address.
        std::uint64_t authentic = 0;  ///< bytes of authentic records received
        std::uint64_t protected_sent = 0;
        bool moved_to = false, reached = false;
        unsigned moves = 0;      ///< moves of sessions to this address
        bool near_home = false;  ///< one of these sessions was validated at the same IP address
        time_point moved_at{};   ///< time of the first move
        std::optional<wire::endpoint> stands_for;
        unsigned asked = 0, answered = 0;  ///< datagrams, since a handshake was begun there
        unsigned handshakes = 0;           ///< in progress at the server
        unsigned sessions = 0;             ///< sessions that began here
        unsigned plain_sessions = 0;       ///< sessions at this address without a connection id
        unsigned begun = 0;                ///< handshakes begun by a peer that means to finish
        bool client_closed = false, server_closed = false;
        bool client_failed = false, disturbed = false, provoked = false;
        time_point last{};
    };
    /// An IP address, whatever the port, that has sent authentic records of sessions with a connection id.
    struct host {
        time_point since{};
        std::uint64_t authentic = 0;  ///< bytes of these records
    };
    struct issued_cookie {
        wire::endpoint to;
        time_point when;
    };
    using cookie = std::array<std::byte, 16>;
    struct peer_hasher {
        std::size_t operator()(const wire::endpoint& e) const noexcept
        {
            return dispatch::peer_hash{{3, 4}}({{}, e});
        }
    };

    struct session {
        time_point heard{};
        wire::endpoint begun_at;
    };

    void judge_budgets();
    [[nodiscard]] double unvalidated_bytes(const account& peer, const wire::endpoint& address) const;
    void add_session(const dispatch::connection& connection, const wire::endpoint& begun_at);
    void note_cookie(const wire::path& to, wire::bytes datagram);
    [[nodiscard]] bool has_cookie(const wire::path& from, wire::bytes datagram) const;
    [[nodiscard]] bool is_issued(wire::bytes given, const wire::endpoint& peer) const;
    /// Returns whether a session is at this address, wherever it began.
    [[nodiscard]] bool is_lived_at(const wire::endpoint& address) const;
    void judge_end(const dispatch::connection& connection, account& peer);
    void handshake_over(const wire::path& path);
    void mix(std::uint64_t word) { digest_ = (digest_ ^ word) * 0x100000001b3; }

    const quivive::limits& limits_;
    cookie_exchange exchange_;
    move_policy moves_;
    bool shared_addresses_;  ///< all addresses are shared
    duration cookie_life_;
    const time_point& now_;

    std::unordered_map<wire::endpoint, account, peer_hasher> accounts_;
    std::set<std::array<std::byte, 16>> reached_hosts_;
    std::map<cookie, issued_cookie> cookies_;
    std::deque<std::pair<time_point, cookie>> cookie_ages_;
    std::map<std::array<std::byte, 16>, unsigned> handshakes_by_source_;
    std::map<std::array<std::byte, 16>, host> hosts_;
    std::size_t handshakes_ = 0;
    std::map<const dispatch::connection*, session> sessions_;
    std::unordered_set<std::string> spoken_;
    std::vector<std::weak_ptr<dispatch::connection>> dead_;  ///< ended in this step, or still at work then
    std::multiset<const dispatch::connection*> at_work_;
    std::vector<wire::endpoint> sent_to_, reset_;  ///< in this step
    whereabouts whereabouts_;
    precedence precedence_;

    wire::path from_;
    std::uint64_t routed_ = 0, delivered_ = 0, answered_ = 0, dropped_ = 0;
    bool admitted_in_step_ = false, restarting_ = false;
    std::uint64_t steps_ = 0;
    std::uint64_t digest_ = 0xcbf29ce484222325;
    std::string broken_;
};

}  // namespace quivive::test::sim
