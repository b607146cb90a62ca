#pragma once

#include "wire/time.hpp"

#include <chrono>

namespace quivive::tls {

/// Decides when a peer has another key. GnuTLS drops a Finished whose MAC fails, as it must any such record:
/// anyone can have sent it (RFC 6347 4.1.2.7). A peer with another key would learn nothing until its time is
/// up; but it repeats itself, after a second as a rule.
class finished_trials {
public:
    /// A record that may be a Finished has failed under the final keys. True: no other is to be waited for. A
    /// first one says nothing, nor do some at once, whoever has sent them: a peer with the right key has its
    /// own verified meanwhile.
    [[nodiscard]] bool failed(time_point now) noexcept
    {
        if (first_ == no_deadline) first_ = now;
        return !verified_ && now - first_ >= least_gap;
    }
    /// A record has verified: the peer has the right key.
    void verified() noexcept { verified_ = true; }

private:
    /// Shorter than any peer's first wait (RFC 6347 4.2.4.1), our own client's 0.9 s being the shortest.
    static constexpr std::chrono::milliseconds least_gap{900};

    time_point first_ = no_deadline;
    bool verified_ = false;
};

}  // namespace quivive::tls
