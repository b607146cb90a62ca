#pragma once

#include "session/path_validator.hpp"

#include "association_fixture.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace quivive::test {

using sessions::path_validator;

inline constexpr std::size_t challenge_size = 46;

inline wire::path at(std::uint8_t host, std::uint16_t port = 1'000)
{
    return {wire::endpoint::v4({}, 4433), wire::endpoint::v4({std::byte{10}, {}, {}, std::byte{host}}, port),
            0};
}

inline std::shared_ptr<sessions::move_config> terms_of(
    const connection_id_policy& policy, const std::vector<network>& shared = {},
    std::size_t total = quivive::limits{}.unvalidated_bytes_per_second_total)
{
    return std::make_shared<sessions::move_config>(std::make_shared<const gate::move_rules>(policy, shared),
                                                   total);
}

/// A peer that was at the first host and has sent a record of `bytes` bytes from the second host.
struct moved_peer {
    explicit moved_peer(std::size_t bytes, std::size_t of_challenge = challenge_size,
                        const connection_id_policy& policy = {})
        : peer{{1, 2}, of_challenge, limits, at(1).peer}
    {
        peer.use(terms_of(policy));
        move_to(at(2), bytes, {});
    }
    void move_to(const wire::path& there, std::size_t bytes, duration when)
    {
        REQUIRE(peer.follow(current, {there, ++number, true}, start + when));
        peer.received(bytes, true, start + when);
    }
    /// Receives another record from the present address.
    void hear(std::size_t bytes, duration when, bool newest = true)
    {
        if (newest) ++number;
        peer.received(bytes, newest, start + when);
    }
    /// Requests a challenge and sends it.
    std::optional<std::uint64_t> challenge(duration when)
    {
        const auto cookie = peer.next_challenge(start + when);
        if (cookie) CHECK(peer.may_send(challenge_size, path_validator::send_class::challenge, start + when));
        return cookie;
    }
    bool may_send(std::size_t bytes, path_validator::send_class what, duration when = {})
    {
        return peer.may_send(bytes, what, start + when);
    }
    /// Returns the bytes of answers of this size that may be sent at that time.
    std::size_t sendable(std::size_t answer, duration when)
    {
        std::size_t sum = 0;
        while (sum < 10'000'000 && may_send(answer, path_validator::send_class::data, when)) sum += answer;
        return sum;
    }

    quivive::limits limits;
    wire::path current = at(1);
    std::uint64_t number = 41;
    path_validator peer;
};

}  // namespace quivive::test
