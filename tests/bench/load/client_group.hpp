#pragma once

#include "bench/load/clients.hpp"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <thread>

namespace quivive::bench {

/// Many clients on few threads. Each thread has an `io_context` and a tally of its own.
class client_group {
public:
    using part = boost::asio::awaitable<void> (*)(run_state&, tally&, std::size_t number);

    /// Starts all clients.
    client_group(const plan& chosen, part what);
    ~client_group();

    [[nodiscard]] run_state& state() noexcept { return state_; }
    [[nodiscard]] std::uint64_t sum(std::atomic<std::uint64_t> tally::*what) const;
    void measure(bool on);
    /// Ends all threads; the samples may be read afterwards.
    void stop();
    [[nodiscard]] std::vector<float> samples(std::vector<float> tally::*which) const;

private:
    struct worker {
        tally counts;
        boost::asio::io_context io{1};
    };

    run_state state_;
    std::deque<worker> workers_;
    std::vector<std::jthread> threads_;
};

}  // namespace quivive::bench
