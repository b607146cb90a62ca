#include "server/port.hpp"

namespace quivive::detail {

port::port(const shard_executor& executor, transport::udp_socket socket, std::size_t queue_limit,
           observe::counters& counters)
    : socket_{std::move(socket)},
      descriptor_{executor.io_executor(), socket_.native_handle()},
      queue_{queue_limit},
      queue_limit_{queue_limit},
      counters_{counters}
{
}

port::~port()
{
    descriptor_.release();  // `socket_` closes the descriptor itself
}

std::span<const transport::received_datagram> port::receive(transport::receive_batch& into) noexcept
{
    const auto received = into.receive(socket_);
    counters_.receive_errors.add(into.errors());
    return received;
}

void port::push(const wire::path& to, wire::bytes datagram) noexcept
{
    if (queue_.push(to, datagram)) return;
    flush();
    if (!queue_.push(to, datagram)) counters_.send_dropped.add();
}

bool port::flush() noexcept
{
    if (waiting_to_write_) return false;
    const auto result = queue_.flush(socket_);
    counters_.sent.add(result.sent);
    counters_.sent_bytes.add(result.sent_bytes);
    counters_.send_errors.add(result.failed);
    counters_.send_runs_refused.add(result.runs_refused);
    return !result.would_block;
}

void port::close() noexcept { descriptor_.cancel(); }

}  // namespace quivive::detail
