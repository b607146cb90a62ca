#pragma once

#include "bench/load/plan.hpp"
#include "bench/load/tally.hpp"

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

namespace quivive::bench {

/// Clients that resume with the ticket of their first handshake (RFC 5077). `async_connect` keeps no ticket,
/// so these clients use GnuTLS directly: each has a thread that waits for its one socket.
class returning_clients {
public:
    explicit returning_clients(const plan& chosen);
    ~returning_clients();

    [[nodiscard]] std::uint64_t sum(std::atomic<std::uint64_t> tally::*what) const;
    void measure(bool on);
    void stop();
    [[nodiscard]] std::vector<float> latencies() const;

    std::atomic<std::uint64_t> resumed{0};

private:
    void come_back(tally& counts, std::size_t number);

    const plan& chosen_;
    std::atomic<bool> stop_{false};
    std::deque<tally> tallies_;
    std::vector<std::jthread> threads_;
};

}  // namespace quivive::bench
