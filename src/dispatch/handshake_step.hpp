#pragma once

#include "dispatch/buffering_outbox.hpp"
#include "dispatch/connection.hpp"
#include "dispatch/work_meter.hpp"
#include "quivive/metrics.hpp"
#include "wire/time.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::dispatch {

/// A step of a handshake, run on another thread: processes records, which may cost a signature. It owns the
/// handshake during that time and touches no other state of the shard. Any thread may run it.
class handshake_step {
public:
    /// Takes the handshake out of `connection`. `records`: whole records, one after the other.
    handshake_step(std::shared_ptr<dispatch::connection> connection, std::vector<std::byte> records,
                   std::size_t id_size);

    /// Returns whether this is the first step of its handshake.
    [[nodiscard]] bool begins() const noexcept { return begins_; }
    [[nodiscard]] dispatch::validation validation() const noexcept { return validation_; }

    void run(time_point now, work_meter& work) noexcept;

    // For the shard, after the step has run.
    [[nodiscard]] dispatch::connection& connection() const noexcept { return *connection_; }
    [[nodiscard]] std::unique_ptr<tls::handshake> take_handshake() noexcept { return std::move(handshake_); }
    /// Returns the datagrams to send.
    [[nodiscard]] const buffering_outbox& flight() const noexcept { return flight_; }
    /// Returns the counts of discarded records, by reason.
    [[nodiscard]] const drop_counts& discarded() const noexcept { return discarded_; }
    /// Returns whether a record was an unencrypted fatal alert.
    [[nodiscard]] bool alerted() const noexcept { return alerted_; }
    /// Returns the CPU time of handshakes that the meter of the step's thread reported.
    [[nodiscard]] duration cpu_time() const noexcept { return cpu_time_; }

private:
    std::shared_ptr<dispatch::connection> connection_;
    std::unique_ptr<tls::handshake> handshake_;
    std::vector<std::byte> records_;
    std::size_t id_size_;
    bool begins_;
    dispatch::validation validation_;

    buffering_outbox flight_;
    drop_counts discarded_;
    bool alerted_ = false;
    duration cpu_time_{};
};

/// Runs handshake steps on other threads. Only the dispatcher calls it.
class handshake_workers {
public:
    /// Returns whether the queue of steps is full for a new handshake of this validation state. Unvalidated
    /// handshakes do not count against validated ones.
    [[nodiscard]] virtual bool full(validation which) const noexcept = 0;

    /// Queues a step. It is later passed to `dispatcher::on_step_done`, on the dispatcher's thread. When out
    /// of memory, returns the step at once without running it; otherwise returns null.
    [[nodiscard]] virtual std::unique_ptr<handshake_step> take(
        std::unique_ptr<handshake_step> step) noexcept = 0;

protected:
    ~handshake_workers() = default;
};

}  // namespace quivive::dispatch
