#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/intrusive/list.hpp>

namespace quivive::runtime {

class session_core;

/// A send that waits in a queue. It is removed when it is popped, unlinked or destroyed.
class waiting_send
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    explicit waiting_send(session_core& session) noexcept : core{session} {}

    session_core& core;  ///< `on_send_capacity` of this session is called when there is capacity for the send
    boost::asio::const_buffer message;
};

/// Sends that wait for capacity in the queue of one socket, in order of arrival. A session must exist as long
/// as its send is queued.
class send_wait_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
    /// Precondition: `last` is not queued.
    void push(waiting_send& last) noexcept { waiting_.push_back(last); }
    /// Takes the first send out. Precondition: not empty.
    [[nodiscard]] session_core& pop() noexcept
    {
        auto& first = waiting_.front();
        waiting_.pop_front();
        return first.core;
    }

private:
    boost::intrusive::list<waiting_send, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace quivive::runtime
