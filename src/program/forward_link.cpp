#include "program/forward_link.hpp"

#include "quivive/server_config.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <utility>

namespace quivive::program {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// Returns whether the error stems from an ICMP message about an earlier datagram.
bool is_refusal(error_code why) noexcept
{
    return why == asio::error::connection_refused || why == asio::error::host_unreachable ||
           why == asio::error::network_unreachable;
}

}  // namespace

/// Scope guard that ends the link on every exit from `run`.
class forward_link::closing_guard {
public:
    explicit closing_guard(forward_link& link) noexcept : link_{link} {}
    closing_guard(const closing_guard&) = delete;
    closing_guard& operator=(const closing_guard&) = delete;
    ~closing_guard() { link_.close(); }

private:
    forward_link& link_;
};

forward_link::forward_link(quivive::session session, std::shared_ptr<forward_service> service,
                           std::chrono::milliseconds idle_timeout)
    : session_{std::move(session)},
      service_{std::move(service)},
      backend_{session_.get_executor()},
      idle_timer_{session_.get_executor()},
      idle_timeout_{idle_timeout}
{
}

asio::awaitable<void> forward_link::run(std::shared_ptr<forward_link> self, udp::endpoint backend)
{
    const closing_guard at_end{*self};
    if (!self->open(backend)) co_return;
    self->await_backend();
    self->watch_for_idleness();

    for (;;) {
        // A view into the library's buffer, not a copy: an idle session holds no buffer.
        const auto [over, message] = co_await self->session_.async_receive(as_values);
        if (over) co_return;
        self->last_message_ = clock::now();
        co_await self->send_to_backend(message);
    }
}

bool forward_link::open(const udp::endpoint& backend)
{
    error_code failure;
    backend_.open(backend.protocol(), failure);
    if (!failure) backend_.non_blocking(true, failure);
    if (!failure) backend_.connect(backend, failure);
    if (!failure) return true;

    service_->counters.add(forward_event::no_socket);
    if (service_->log && service_->no_socket_logged.is_due())
        service_->log(log_level::error, "no socket to " + to_string(backend) + " for client " +
                                            to_string(session_.info().peer) + ": " + failure.message());
    return false;
}

/// Closes the socket and cancels the timer, so that no handler keeps the link alive.
void forward_link::close()
{
    error_code ignored;
    backend_.close(ignored);
    idle_timer_.cancel();
    session_ = quivive::session{};
}

/// Sends a message, at most twice: an ICMP error from `send` refers to an earlier datagram, and this one has
/// not been sent.
asio::awaitable<void> forward_link::send_to_backend(asio::const_buffer message)
{
    for (int tries = 0; tries < 2; ++tries) {
        const auto [failure, size] = co_await backend_.async_send(message, as_values);
        if (!failure) {
            service_->counters.add(forward_event::to_backend);
            co_return;
        }
        note_failure(failure);
        if (!is_refusal(failure)) co_return;
    }
}

void forward_link::await_backend()
{
    backend_.async_wait(udp::socket::wait_read, [self = shared_from_this()](error_code closed) {
        if (closed) return;
        asio::co_spawn(self->backend_.get_executor(), return_what_waits(self), asio::detached);
    });
}

asio::awaitable<void> forward_link::return_what_waits(std::shared_ptr<forward_link> self)
{
    // One byte more than the maximum, to detect messages that are too large.
    auto buffer = self->service_->buffers.take(self->session_.max_message_size() + 1);
    while (const auto message = self->next_from_backend(buffer)) {
        if (!co_await self->send_to_client(*message)) break;
    }
    self->service_->buffers.give_back(std::move(buffer));
    if (self->backend_.is_open()) self->await_backend();
}

std::optional<asio::const_buffer> forward_link::next_from_backend(forward_buffers::buffer& into)
{
    error_code failure;
    const auto size = backend_.receive(asio::buffer(into), 0, failure);
    if (failure) {
        if (failure != asio::error::would_block && backend_.is_open()) note_failure(failure);
        return std::nullopt;
    }
    last_message_ = clock::now();
    return asio::buffer(into, size);
}

/// Returns false when the session can no longer send.
asio::awaitable<bool> forward_link::send_to_client(asio::const_buffer message)
{
    const auto [failure, sent] = co_await session_.async_send(message, as_values);
    if (!failure) {
        service_->counters.add(forward_event::to_client);
    } else if (failure != errc::message_size) {
        co_return false;
    } else if (message.size() == 0) {
        service_->counters.add(forward_event::empty);
    } else {
        service_->counters.add(forward_event::too_large);
        log_too_large();
    }
    co_return true;
}

/// Messages do not reset the timer. When it expires, it checks the time of the last message.
void forward_link::watch_for_idleness()
{
    if (idle_timeout_ == idle_timeout_.zero()) return;
    idle_timer_.expires_at(last_message_ + idle_timeout_);
    idle_timer_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (cancelled || !self->session_.is_open()) return;
        if (clock::now() < self->last_message_ + self->idle_timeout_) return self->watch_for_idleness();
        self->service_->counters.add(forward_event::idle);
        self->session_.async_close(asio::detached);
    });
}

void forward_link::note_failure(error_code why)
{
    service_->counters.add(is_refusal(why) ? forward_event::refused : forward_event::failed);
}

void forward_link::log_too_large()
{
    if (service_->log && service_->too_large_logged.is_due())
        service_->log(log_level::warning, "a message of the back end to " + to_string(session_.info().peer) +
                                              " is larger than the " +
                                              std::to_string(session_.max_message_size()) +
                                              " bytes that its session takes, and was dropped");
}

}  // namespace quivive::program
