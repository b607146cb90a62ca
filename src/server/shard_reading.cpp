#include "server/shard.hpp"

#include "server/turn.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

// What comes in by a shard's sockets, or from another shard's.
namespace quivive::detail {

namespace asio = boost::asio;

namespace {

/// A turn: what a socket may take before the others have theirs. Time is looked at between batches, and
/// timers that are due fire there.
constexpr int batches_per_turn = 8;
constexpr std::chrono::milliseconds time_of_turn{2};

/// What is read from a socket at the most before its sessions leave: what came till then, and no endless
/// flood.
constexpr int last_batches = 256;

}  // namespace

void shard::wait_readable(std::size_t socket)
{
    ports_[socket]->wait_readable([self = shared_from_this(), socket](error_code error) {
        if (self->closed_ || error) return;
        if (self->standstill_.holds) return self->standstill_.readable.push_back(socket);
        self->read(socket);
    });
}

void shard::read(std::size_t socket)
{
    bool drained = false;
    try {
        drained = read_batches(socket);
        finish_turn();
    } catch (...) {  // what a handler has thrown
        while (batch_.holds_more())
            for (const auto& datagram : ports_[socket]->receive(batch_)) take(datagram, socket, clock::now());
        read_later(socket);
        throw;
    }
    if (closed_) return;
    if (drained) return wait_readable(socket);
    read_later(socket);
}

void shard::read_later(std::size_t socket)
{
    asio::post(home().executor(), [self = shared_from_this(), socket] {
        if (self->standstill_.holds) return self->standstill_.readable.push_back(socket);
        if (!self->closed_) self->read(socket);
    });
}

/// False when the turn ended before all was read.
bool shard::read_batches(std::size_t socket)
{
    const turn this_one{in_turn_};
    auto now = clock::now();
    const auto end_of_turn = now + time_of_turn;
    auto budget = ready_work_per_turn;
    for (int batches = 0; !closed_;) {
        for (const auto& datagram : ports_[socket]->receive(batch_)) take(datagram, socket, now);
        act_on_all(budget);
        if (batch_.drained()) return true;
        now = clock::now();
        pass_time(now);
        // What was coalesced is taken to its end: the buffers are for all sockets.
        if (!batch_.holds_more() && (++batches == batches_per_turn || now >= end_of_turn)) return false;
    }
    return true;
}

void shard::take(const transport::received_datagram& datagram, std::size_t socket, time_point now)
{
    if (datagram.truncated) return dispatcher_.drop(datagram.data.size(), drop_reason::oversized_datagram);
    const wire::path path{datagram.local, datagram.peer, static_cast<std::uint32_t>(socket)};
    if (const auto owner = crew_->owner_of(datagram.data, path, *this,
                                           [this](const wire::path& at) { return dispatcher_.knows(at); })) {
        if (!owner->hand_over(datagram.data, path))
            dispatcher_.drop(datagram.data.size(), drop_reason::handoff_full);
        return;
    }
    take(path, datagram.data, now);
}

void shard::take(const wire::path& path, wire::bytes datagram, time_point now)
{
    if (trace_) trace_flight(trace_kind::received, path, datagram);
    dispatcher_.route(path, datagram, now, *this);
}

bool shard::hand_over(wire::bytes datagram, const wire::path& path)
{
    const auto waiting = handed_over_.fetch_add(1, std::memory_order_relaxed);
    if (waiting >= max_handed_over_) {
        handed_over_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    home().post([self = shared_from_this(), copy = std::vector<std::byte>{datagram.begin(), datagram.end()},
                 path]() mutable {
        if (self->standstill_.holds) return self->standstill_.handed_over.push_back({path, std::move(copy)});
        self->handed_over_.fetch_sub(1, std::memory_order_relaxed);
        if (self->closed_) return;
        {
            const turn now{self->in_turn_};
            self->take(path, copy, clock::now());
        }
        self->finish_turn();
    });
    return true;
}

/// What has been decided, and what sessions do then, as far as the budget goes.
void shard::act_on_all(std::size_t& budget)
{
    for (;;) {
        resume_senders(budget);
        work_off([this](shard_event& event) { act(event); });
        if (ready_.empty() || budget == 0) return;
        budget -= std::min(budget, ready_.work_off());
    }
}

/// What has come until now, and nothing more.
void shard::take_what_has_come()
{
    if (!reading_) return;
    for (std::size_t socket = 0; socket < ports_.size(); ++socket) take_rest(socket);
    finish_turn();
}

void shard::take_rest(std::size_t socket)
{
    const turn now{in_turn_};
    // What was coalesced is taken to its end: the buffers are for all sockets.
    for (int i = 0; i < last_batches || batch_.holds_more(); ++i) {
        const auto arrived = clock::now();
        for (const auto& datagram : ports_[socket]->receive(batch_)) take(datagram, socket, arrived);
        auto budget = ready_work_per_turn;
        act_on_all(budget);
        if (batch_.drained()) break;
    }
}

}  // namespace quivive::detail
