#pragma once

#include "bench/load/plan.hpp"
#include "bench/support/source_socket.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace quivive::bench {

/// Sends ClientHellos without a cookie, or other datagrams of unknown peers, from many addresses of
/// 127.64.0.0/10. Each hello has its own random; none continues its handshake.
class hello_flood {
public:
    explicit hello_flood(const plan& chosen);

    /// Sends until `stop`: `plan::rate` a second or, without a rate, with at most `plan::window` unanswered.
    void run(const std::atomic<bool>& stop);

    std::atomic<std::uint64_t> sent{0}, answered{0}, bytes_sent{0}, bytes_answered{0};

private:
    void send_some(std::size_t count);
    std::size_t read_answers();
    void run_answered(const std::atomic<bool>& stop);
    void run_paced(const std::atomic<bool>& stop);

    const plan& chosen_;
    std::vector<std::byte> datagram_;
    std::size_t counter_at_ = 0;  ///< offset of four bytes that differ between datagrams
    source_socket socket_;
    std::uint64_t number_ = 0;
};

}  // namespace quivive::bench
