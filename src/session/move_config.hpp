#pragma once

#include "gate/byte_bucket.hpp"
#include "gate/move_rules.hpp"

#include <memory>
#include <utility>

namespace quivive::sessions {

/// Configuration of address changes that all sessions of a shard share. Not thread-safe.
class move_config {
public:
    /// `rules`: not null. `bytes_per_second`: limit for all unvalidated paths together.
    move_config(std::shared_ptr<const gate::move_rules> rules, std::size_t bytes_per_second) noexcept
        : rules_{std::move(rules)}, rate_{bytes_per_second}
    {
    }

    /// Replaces the configuration; a session uses it at its next move.
    void use(std::shared_ptr<const gate::move_rules> rules, std::size_t bytes_per_second) noexcept
    {
        rules_ = std::move(rules);
        rate_ = bytes_per_second;
    }
    [[nodiscard]] const gate::move_rules& rules() const noexcept { return *rules_; }

    /// Takes `bytes` from the session's bucket and from the shared one: from both, or from neither.
    [[nodiscard]] bool take(gate::byte_bucket& of_session, std::size_t session_rate, std::size_t bytes,
                            time_point now) noexcept
    {
        return of_session.has(bytes, session_rate, now) && of_all_.take(bytes, rate_, now) &&
               of_session.take(bytes, session_rate, now);
    }

private:
    std::shared_ptr<const gate::move_rules> rules_;
    std::size_t rate_;
    gate::byte_bucket of_all_;
};

}  // namespace quivive::sessions
