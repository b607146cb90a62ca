#pragma once

#include "quivive/error.hpp"
#include "wire/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace quivive::runtime {

/// The only timer of a shard or client. Arming it again for the same time costs nothing, so every turn may do
/// it. Handlers passed to it must keep it alive.
class wake_timer {
public:
    explicit wake_timer(const boost::asio::any_io_executor& executor) : timer_{executor} {}

    /// Calls `fire()` at `due` and replaces the former time. `no_deadline` cancels the timer.
    template <typename Fire>
    void arm(time_point due, Fire fire)
    {
        if (due == due_) return;
        due_ = due;
        if (due == no_deadline) {
            timer_.cancel();
            return;
        }
        timer_.expires_at(due);
        timer_.async_wait([this, f = std::move(fire)](error_code error) mutable {
            if (error) return;
            due_ = no_deadline;
            f();
        });
    }

    void cancel() { timer_.cancel(); }

private:
    boost::asio::steady_timer timer_;
    time_point due_ = no_deadline;
};

}  // namespace quivive::runtime
