#pragma once

#include "support/seeded_random.hpp"
#include "support/sim/schedule.hpp"
#include "support/tls_pair.hpp"

#include <functional>

namespace quivive::test::sim {

/// One direction of a way through the network.
struct conditions {
    duration delay = std::chrono::milliseconds{20};
    duration jitter = std::chrono::milliseconds{5};  ///< at most so much more
    double loss = 0;
    double duplicate = 0;
    double reorder = 0;                                   ///< held back, so that others overtake
    duration held_back = std::chrono::milliseconds{300};  ///< at most for so long
    double corrupt = 0;                                   ///< past the checksum of UDP
    std::size_t mtu = 1'472;                              ///< bytes of UDP payload; what is larger is lost
    std::size_t bytes_per_second = 0;                     ///< 0: no limit
    bool blackhole = false;
};

class link {
public:
    /// What arrives, and whether it is what was sent.
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
