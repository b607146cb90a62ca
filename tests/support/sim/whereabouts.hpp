#pragma once

#include "dispatch/member.hpp"
#include "wire/record.hpp"

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace quivive::test::sim {

/// Bytes of the servers' connection ids.
inline constexpr std::size_t id_size = 8;

/// The auditor's knowledge of sessions with a connection id (RFC 9146): what their peers have really sent,
/// and so when they must move, and when they must not. A record is authentic when a client has sent it,
/// whoever brings it; it is the newest by its number, which anyone can read.
class whereabouts {
public:
    using complaint = std::function<void(const std::string&)>;

    whereabouts(const quivive::limits& limits, const time_point& now, complaint fail)
        : limits_{limits}, now_{now}, fail_{std::move(fail)}
    {
    }

    /// A client sends this.
    void said(wire::bytes datagram);
    /// How many bytes of it are authentic, and have not come from there before.
    std::size_t will_route(const wire::path& from, wire::bytes datagram);
    void established(const dispatch::member& who);
    void ended(const dispatch::member& who) { places_.erase(&who); }
    /// `was_there`: the peer has shown itself at its new address before.
    void moved(const dispatch::member& who, bool was_there);
    /// `taken`: as data, or it was full.
    void routed(bool taken);

private:
    /// Numbers of authentic records with one id.
    struct numbers {
        std::optional<std::uint64_t> taken;  ///< the newest that a session surely took
        std::optional<std::uint64_t>
            possible;  ///< the newest that it may have taken, perhaps in its handshake
    };
    struct place {
        wire::path at;
        time_point movable{};
    };

    [[nodiscard]] const dispatch::member* session_of(wire::bytes id) const;
    void note(const wire::record_view& record, const wire::path& from, bool leads, bool alone);

    const quivive::limits& limits_;
    const time_point& now_;
    complaint fail_;

    std::unordered_set<std::size_t> genuine_, credited_;  ///< hashes of records; of records and where from
    std::unordered_map<std::size_t, numbers> numbers_;    ///< by the hash of the id
    std::map<const dispatch::member*, place> places_;

    // In this step.
    bool routing_ = false;
    wire::path from_;
    bool must_take_ = false;
    std::vector<const dispatch::member*> movable_;  ///< whose newest record has come
    std::vector<const dispatch::member*> must_move_;
};

}  // namespace quivive::test::sim
