#pragma once

#include "dispatch/held_flight.hpp"
#include "dispatch/member.hpp"
#include "dispatch/work_meter.hpp"
#include "quivive/metrics.hpp"
#include "wire/time.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace quivive::dispatch {

/// What one handshake does next, on another thread: it takes in records, which may cost a signature. Has the
/// handshake meanwhile, and nothing else of the shard's; whoever has the step may run it.
class handshake_step {
public:
    /// Takes the handshake of `who` along, and `records`, whole ones in a row.
    handshake_step(std::shared_ptr<member> who, std::vector<std::byte> records, std::size_t id_size);

    /// Whether it is the first of its handshake.
    [[nodiscard]] bool begins() const noexcept { return begins_; }
    [[nodiscard]] dispatch::standing standing() const noexcept { return standing_; }

    void run(time_point now, work_meter& work) noexcept;

    // Once it has run, and is back.
    [[nodiscard]] member& who() const noexcept { return *who_; }
    [[nodiscard]] std::unique_ptr<tls::handshake> take_handshake() noexcept { return std::move(handshake_); }
    /// What shall leave.
    [[nodiscard]] const held_flight& flight() const noexcept { return flight_; }
    /// Records that were of no use.
    [[nodiscard]] const drop_counts& discarded() const noexcept { return discarded_; }
    /// One was a fatal alert in the clear.
    [[nodiscard]] bool alerted() const noexcept { return alerted_; }
    /// CPU time of handshakes, as its thread's meter has told it.
    [[nodiscard]] duration spent() const noexcept { return spent_; }

private:
    std::shared_ptr<member> who_;
    std::unique_ptr<tls::handshake> handshake_;
    std::vector<std::byte> records_;
    std::size_t id_size_;
    bool begins_;
    dispatch::standing standing_;

    held_flight flight_;
    drop_counts discarded_;
    bool alerted_ = false;
    duration spent_{};
};

/// Where steps are done. Called by the dispatcher only.
class handshake_workers {
public:
    /// Whether so many steps wait that nobody new of this standing should be let in. Those in doubt do not
    /// count against the proven.
    [[nodiscard]] virtual bool full(standing which) const noexcept = 0;

    /// Takes a step, to be given to `dispatcher::take_back` later, on the dispatcher's thread. Gives it back
    /// at once, not run, when there is no memory to keep it.
    [[nodiscard]] virtual std::unique_ptr<handshake_step> take(
        std::unique_ptr<handshake_step> step) noexcept = 0;

protected:
    ~handshake_workers() = default;
};

}  // namespace quivive::dispatch
