#pragma once

#include "dispatch/connection.hpp"
#include "wire/record.hpp"

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace quivive::test::sim {

/// Size of the server's connection ids in bytes.
inline constexpr std::size_t id_size = 8;

/// The auditor's record of sessions with a connection id (RFC 9146). It stores what their peers have sent,
/// and so when sessions must move and when they must not. A record is authentic when a client has sent it,
/// whoever delivers it. Its plaintext sequence number shows whether it is the newest.
class whereabouts {
public:
    using complaint = std::function<void(const std::string&)>;
    /// Returns whether a client that answers path challenges has received a datagram there.
    using witness = std::function<bool(const wire::endpoint&)>;

    whereabouts(const quivive::limits& limits, move_policy moves, const time_point& now, witness reached,
                complaint fail)
        : limits_{limits}, moves_{moves}, now_{now}, reached_{std::move(reached)}, fail_{std::move(fail)}
    {
    }

    /// Notes a datagram that a client sends.
    void said(wire::bytes datagram);
    /// Returns how many of its bytes are authentic and have not come from there before.
    std::size_t will_route(const wire::path& from, wire::bytes datagram);
    void established(const dispatch::connection& connection);
    void ended(const dispatch::connection& connection) { places_.erase(&connection); }
    /// `was_there`: the peer was validated at its new address before.
    void moved(const dispatch::connection& connection, bool was_there);
    /// `taken`: delivered as data, or the queue was full.
    void routed(bool taken);

private:
    /// Sequence numbers of authentic records with one id.
    struct numbers {
        std::optional<std::uint64_t> taken;  ///< the newest that a session certainly accepted
        std::optional<std::uint64_t>
            possible;  ///< the newest that it may have taken, perhaps in its handshake
    };
    /// A number of moves in a row, and one more for each `move_interval`.
    struct allowance {
        double left = sessions::path_validator::max_moves_in_a_row;
        time_point counted_at{};
        void refill(duration interval, time_point now);
    };
    struct place {
        wire::path at, begun_at;
        std::uint64_t left_with = 0;     ///< sequence number of the record that moved it from `begun_at`
        bool perhaps_elsewhere = false;  ///< another path than `begun_at` may have been validated
        allowance surely{}, perhaps{};   ///< with each move counted; but for those that may be ways back
        time_point held_until{}, perhaps_held_until{};  ///< a move having been taken back
    };
    /// A record that is alone in its datagram, to an open session.
    struct lone_record {
        std::size_t hash = 0;
        const dispatch::connection* to = nullptr;
    };

    [[nodiscard]] const dispatch::connection* session_of(wire::bytes id) const;
    void note(const wire::record_view& record, const wire::path& from, bool leads, bool alone);
    void note_lone(const dispatch::connection& connection, const wire::record_view& record,
                   const wire::path& from);
    void count_move(place& known_at, bool was_there);

    const quivive::limits& limits_;
    move_policy moves_;
    const time_point& now_;
    witness reached_;
    complaint fail_;

    std::unordered_set<std::size_t> genuine_, credited_;  ///< hashes of records; of records with their source
    std::unordered_map<std::size_t, numbers> numbers_;    ///< by the hash of the id
    std::map<const dispatch::connection*, place> places_;
    std::unordered_set<std::size_t> seen_;   ///< hashes of records that have arrived
    std::unordered_set<std::size_t> taken_;  ///< those of them that were alone and delivered

    // State of the present step.
    bool routing_ = false;
    wire::path from_;
    bool must_take_ = false;
    std::vector<const dispatch::connection*> movable_;  ///< sessions whose newest record has arrived
    std::vector<const dispatch::connection*> must_move_;
    std::uint64_t highest_ = 0;  ///< highest sequence number in the datagram
    lone_record lone_;
    bool must_return_ = false;  ///< the session of the lone record must return
    bool seen_before_ = false;  ///< one of its records was seen before
};

}  // namespace quivive::test::sim
