#include "server/shard.hpp"

#include "server/scoped_flag.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

// Reception: datagrams from a shard's own sockets and from other shards.
namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

/// Limits of one socket in one turn, so that the other sockets are read too. Between batches the time is
/// checked and due timers fire.
constexpr int batches_per_turn = 8;
constexpr std::chrono::milliseconds time_of_turn{2};

/// Limit of batches read from a socket before its sessions are exported. It ends the reading even under a
/// flood.
constexpr int last_batches = 256;

}  // namespace

void shard::wait_readable(std::size_t socket)
{
    ports_[socket]->wait_readable([self = shared_from_this(), socket](error_code error) {
        if (self->closed_ || error) return;
        if (self->quiesced_.active) return self->quiesced_.readable.push_back(socket);
        self->read(socket);
    });
}

void shard::read(std::size_t socket)
{
    bool drained = false;
    try {
        drained = read_batches(socket);
        finish_turn();
    } catch (...) {  // thrown by a handler
        while (batch_.holds_more())
            for (const auto& datagram : ports_[socket]->receive(batch_))
                on_datagram(datagram, socket, clock::now());
        post_read(socket);
        throw;
    }
    if (closed_) return;
    if (drained) return wait_readable(socket);
    post_read(socket);
}

void shard::post_read(std::size_t socket)
{
    asio::post(executor().any_executor(), [self = shared_from_this(), socket] {
        if (self->quiesced_.active) return self->quiesced_.readable.push_back(socket);
        if (!self->closed_) self->read(socket);
    });
}

/// Returns false when the turn ended before the socket was drained.
bool shard::read_batches(std::size_t socket)
{
    const scoped_flag in_turn{in_turn_};
    auto now = clock::now();
    const auto end_of_turn = now + time_of_turn;
    auto quota = ready_work_per_turn;
    for (int batches = 0; !closed_;) {
        for (const auto& datagram : ports_[socket]->receive(batch_)) on_datagram(datagram, socket, now);
        handle_events(quota);
        if (batch_.drained()) return true;
        now = clock::now();
        run_timers(now);
        // Coalesced datagrams are read to the end, since all sockets share the buffers.
        if (!batch_.holds_more() && (++batches == batches_per_turn || now >= end_of_turn)) return false;
    }
    return true;
}

void shard::on_datagram(const transport::received_datagram& datagram, std::size_t socket, time_point now)
{
    if (datagram.truncated) return dispatcher_.drop(datagram.data.size(), drop_reason::oversized_datagram);
    const wire::path path{datagram.local, datagram.peer, static_cast<std::uint32_t>(socket)};
    if (const auto owner = group_->owner_of(datagram.data, path, *this, [this](const wire::path& at) {
            return dispatcher_.has_connection(at);
        })) {
        if (!owner->hand_off(datagram.data, path))
            dispatcher_.drop(datagram.data.size(), drop_reason::handoff_full);
        return;
    }
    on_datagram(path, datagram.data, now);
}

void shard::on_datagram(const wire::path& path, wire::bytes datagram, time_point now)
{
    if (trace_) trace_flight(trace_kind::received, path, datagram);
    dispatcher_.route(path, datagram, now, *this);
}

bool shard::hand_off(wire::bytes datagram, const wire::path& path)
{
    const auto waiting = handoffs_.fetch_add(1, std::memory_order_relaxed);
    if (waiting >= max_handoffs_) {
        handoffs_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    executor().post([self = shared_from_this(),
                     copy = std::vector<std::byte>{datagram.begin(), datagram.end()}, path]() mutable {
        if (self->quiesced_.active) return self->quiesced_.handed_off.push_back({path, std::move(copy)});
        self->handoffs_.fetch_sub(1, std::memory_order_relaxed);
        if (self->closed_) return;
        {
            const scoped_flag in_turn{self->in_turn_};
            self->on_datagram(path, copy, clock::now());
        }
        self->finish_turn();
    });
    return true;
}

/// Acts on the dispatcher's events and the resulting work of sessions, within the work limit.
void shard::handle_events(std::size_t& quota)
{
    for (;;) {
        resume_senders(quota);
        drain([this](shard_event& event) { handle_event(event); });
        if (ready_.empty() || quota == 0) return;
        quota -= std::min(quota, ready_.run());
    }
}

/// Reads the datagrams that have arrived until now, and no later ones.
void shard::read_remaining()
{
    if (!reading_) return;
    for (std::size_t socket = 0; socket < ports_.size(); ++socket) read_rest(socket);
    finish_turn();
}

void shard::read_rest(std::size_t socket)
{
    const scoped_flag in_turn{in_turn_};
    // Coalesced datagrams are read to the end, since all sockets share the buffers.
    for (int i = 0; i < last_batches || batch_.holds_more(); ++i) {
        const auto arrived = clock::now();
        for (const auto& datagram : ports_[socket]->receive(batch_)) on_datagram(datagram, socket, arrived);
        auto quota = ready_work_per_turn;
        handle_events(quota);
        if (batch_.drained()) break;
    }
}

}  // namespace quivive::runtime
