#pragma once

#include "wire/time.hpp"

#include <chrono>

namespace quivive::tls {

/// Decides when a peer has a different key. GnuTLS drops a Finished whose MAC fails, as it must any such
/// record: anyone can have sent it (RFC 6347 4.1.2.7). A peer with a different key would learn nothing until
/// its timeout, but it retransmits, usually after a second.
class finished_trials {
public:
    /// Reports the failure, under the final keys, of a record that may be a Finished. Returns true when no
    /// further record needs to be awaited. A first failure proves nothing, and neither do several at once,
    /// since anyone can send them. The Finished of a peer with the right key verifies in the meantime.
    [[nodiscard]] bool failed(time_point now) noexcept
    {
        if (first_ == no_deadline) first_ = now;
        return !verified_ && now - first_ >= min_gap;
    }
    /// Reports that a record has verified: the peer has the right key.
    void verified() noexcept { verified_ = true; }

private:
    /// No longer than any peer's first retransmission timeout (RFC 6347 4.2.4.1). The shortest is that of
    /// quivive's own client, 0.9 s.
    static constexpr std::chrono::milliseconds min_gap{900};

    time_point first_ = no_deadline;
    bool verified_ = false;
};

}  // namespace quivive::tls
