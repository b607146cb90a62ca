#pragma once

#include "dispatch/listener.hpp"
#include "server/scoped_flag.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quivive::runtime {

/// An event from the dispatcher that the shard has not handled yet.
struct shard_event {
    enum class kind : unsigned char { offered, established, readable, moved, ended_handshake, ended_session };
    kind what{};
    std::shared_ptr<dispatch::connection> connection;
    std::string server_name;  ///< server name of an offered connection
    wire::path before{};      ///< address before a move
    wire::path after{};       ///< address after it; there may have been further moves since
};

/// Queues the dispatcher's events, so that the shard acts on them only after the dispatcher has returned.
class shard_events : public dispatch::listener {
public:
    void offered(dispatch::connection& connection, const wire::client_hello_view& hello) noexcept final;
    void established(dispatch::connection& connection) noexcept final
    {
        note(shard_event::kind::established, connection);
    }
    void readable(dispatch::connection& connection) noexcept final;
    void moved(dispatch::connection& connection, const wire::path& before) noexcept final;
    void ended(dispatch::connection& connection, bool was_session) noexcept final;

    [[nodiscard]] bool has_events() const noexcept { return !events_.empty(); }

    /// Calls `act(shard_event&)` for each event, including events that `act` adds.
    template <typename Act>
    void drain(Act&& act)
    {
        if (working_) return;  // the outer call also handles the new events
        const scoped_flag in_turn{working_};
        while (next_ < events_.size()) {
            auto event = std::move(events_[next_++]);
            act(event);
        }
        events_.clear();
        if (events_.capacity() > max_kept) events_.shrink_to_fit();  // after a burst of handshakes
        next_ = 0;
    }

protected:
    ~shard_events() = default;

private:
    static constexpr std::size_t max_kept = 1'024;

    void note(shard_event::kind what, dispatch::connection& connection) noexcept;

    std::vector<shard_event> events_;
    std::size_t next_ = 0;  ///< index of the first event not yet handled
    bool working_ = false;
};

}  // namespace quivive::runtime
