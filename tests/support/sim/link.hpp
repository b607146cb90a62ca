#pragma once

#include "support/seeded_random.hpp"
#include "support/sim/schedule.hpp"
#include "support/tls_pair.hpp"

#include <functional>

namespace quivive::test::sim {

/// Conditions of one direction of a network path.
struct conditions {
    duration delay = std::chrono::milliseconds{20};
    duration jitter = std::chrono::milliseconds{5};  ///< maximum delay added at random
    double loss = 0;
    double duplicate = 0;
    double reorder = 0;  ///< probability that a datagram is held back, so that others overtake it
    duration held_back = std::chrono::milliseconds{300};  ///< maximum time
    double corrupt = 0;                ///< probability of a change that passes the checksum of UDP
    std::size_t mtu = 1'472;           ///< bytes of UDP payload; larger datagrams are lost
    std::size_t bytes_per_second = 0;  ///< 0: no limit
    bool blackhole = false;
};

class link {
public:
    /// Receives a datagram, and whether it is what was sent.
    using arrival = std::function<void(const octets& datagram, bool genuine)>;

    link(schedule& time, seeded_random& random, conditions at_first)
        : state{at_first}, time_{time}, random_{random}, idle_from_{time.now()}
    {
    }

    void pass(const octets& datagram, const arrival& arrive);

    conditions state;  ///< may change at any time

private:
    void deliver(octets datagram, const arrival& arrive);
    [[nodiscard]] duration wait_for_the_wire(std::size_t size);

    schedule& time_;
    seeded_random& random_;
    time_point idle_from_;
};

}  // namespace quivive::test::sim
