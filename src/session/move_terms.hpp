#pragma once

#include "gate/byte_bucket.hpp"
#include "gate/move_rules.hpp"

#include <memory>
#include <utility>

namespace quivive::sessions {

/// The terms that all sessions of a shard share when their peers move. Not thread-safe.
class move_terms {
public:
    /// `rules`: not null. `bytes_per_second`: for all paths together that are not validated.
    move_terms(std::shared_ptr<const gate::move_rules> rules, std::size_t bytes_per_second) noexcept
        : rules_{std::move(rules)}, rate_{bytes_per_second}
    {
    }

    /// Others from now on; a session meets them when it moves next.
    void use(std::shared_ptr<const gate::move_rules> rules, std::size_t bytes_per_second) noexcept
    {
        rules_ = std::move(rules);
        rate_ = bytes_per_second;
    }
    [[nodiscard]] const gate::move_rules& rules() const noexcept { return *rules_; }

    /// Takes `bytes` out of a session's bucket and out of that of all; out of both, or of none.
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
