#include "server/udp_port_io.hpp"

namespace quivive::runtime {

udp_port_io::udp_port_io(const shard_executor& executor, transport::udp_socket socket,
                         std::size_t queue_limit, observe::counters& counters)
    : socket_{std::move(socket)},
      descriptor_{executor.io_executor(), socket_.native_handle()},
      queue_{queue_limit},
      queue_limit_{queue_limit},
      counters_{counters}
{
}

udp_port_io::~udp_port_io()
{
    descriptor_.release();  // `socket_` closes the descriptor itself
}

std::span<const transport::received_datagram> udp_port_io::receive(transport::receive_batch& into) noexcept
{
    const auto received = into.receive(socket_);
    counters_.receive_errors.add(into.errors());
    return received;
}

void udp_port_io::push(const wire::path& to, wire::bytes datagram) noexcept
{
    if (queue_.push(to, datagram)) return;
    flush();
    if (!queue_.push(to, datagram)) counters_.send_dropped.add();
}

bool udp_port_io::flush() noexcept
{
    if (waiting_to_write_) return false;
    const auto result = queue_.flush(socket_);
    counters_.sent.add(result.sent);
    counters_.sent_bytes.add(result.sent_bytes);
    counters_.send_errors.add(result.failed);
    counters_.send_runs_refused.add(result.runs_refused);
    return !result.would_block;
}

void udp_port_io::close() noexcept { descriptor_.cancel(); }

}  // namespace quivive::runtime
