#include "server/session_core.hpp"

#include "server/close_error.hpp"
#include "server/shard.hpp"

#include <boost/asio/error.hpp>

#include <cstring>

namespace quivive::runtime {

namespace asio = boost::asio;

session_core::session_core(std::shared_ptr<session_host> host, std::shared_ptr<const session_context> context,
                           std::shared_ptr<sessions::association> association, tls::handshake_facts facts,
                           bool cookie_proven, known_facts* known)
    : context_{std::move(context)},
      host_{std::move(host)},
      association_{std::move(association)},
      info_{association_->path(), std::move(facts), cookie_proven, known}
{
}

session session_core::make_handle(std::shared_ptr<session_core> core) noexcept
{
    return session{std::move(core)};
}

void session_core::stop_waiting(operation_kind kind)
{
    const error_code aborted = asio::error::operation_aborted;
    switch (kind) {
        case operation_kind::receive:
            if (waits_to_receive_into()) post_completion(cold_state_->receive_into.take(aborted, 0));
            if (receive_view_) post_completion(receive_view_.take(aborted, {}));
            break;
        case operation_kind::send:
            remove_from_send_queue();
            if (send_) post_completion(send_.take(aborted, 0));
            break;
        case operation_kind::close:
            if (waits_to_close()) post_completion(cold_state_->close.take(aborted));
            break;
    }
}

/// Aborts waiting operations because the session is closed on this side.
void session_core::abort_operations()
{
    if (waits_to_receive_into() || receive_view_ || send_) reported_closed_here_ = true;
    stop_waiting(operation_kind::receive);
    stop_waiting(operation_kind::send);
}

/// Takes back the buffer of the last view. Returns false when a receive is waiting already.
bool session_core::begin_receive() noexcept
{
    if (waits_to_receive_into() || receive_view_) return false;
    association_->messages().pool().recycle(std::move(viewed_));
    return true;
}

/// Returns the error of a receive that can be completed at once without a message, if any.
std::optional<error_code> session_core::receive_error()
{
    if (!association_->messages().empty() && !closed_here_) return std::nullopt;
    if (closed_here_) return report_closed_here();
    if (over()) return report_close();
    return std::nullopt;
}

error_code session_core::report_closed_here() noexcept
{
    reported_closed_here_ = true;
    return asio::error::operation_aborted;
}

error_code session_core::report_close() noexcept
{
    reported_close_ = true;
    return over() ? close_error() : error_of(*association_);  // `on_end` is about to set the same error
}

bool session_core::has_reported(const error_code& code) const noexcept
{
    return (reported_close_ && over() && code == close_error()) ||
           (reported_closed_here_ && code == asio::error::operation_aborted);
}

session_core::cold_state& session_core::need_cold_state()
{
    if (!cold_state_) cold_state_ = std::make_unique<cold_state>(*this);
    return *cold_state_;
}

void session_core::receive(asio::mutable_buffer into, sized_operation begun)
{
    if (!begin_receive()) return post_completion(begun.take(errc::operation_in_progress, 0));
    if (const auto error = receive_error()) return post_completion(begun.take(*error, 0));

    auto& waiting = need_cold_state();
    waiting.into = into;
    waiting.receive_into = std::move(begun);
    if (!association_->messages().empty()) wake();
}

void session_core::receive(view_operation begun)
{
    if (!begin_receive()) return post_completion(begun.take(errc::operation_in_progress, {}));
    if (const auto error = receive_error()) return post_completion(begun.take(*error, {}));

    receive_view_ = std::move(begun);
    if (!association_->messages().empty()) wake();
}

void session_core::on_readable()
{
    if (association_->messages().empty()) return;
    if (waits_to_receive_into()) return deliver_to_buffer();
    if (receive_view_) deliver_view();
}

void session_core::deliver_to_buffer()
{
    auto& messages = association_->messages();
    const auto size = messages.front().size;
    auto& waiting = *cold_state_;
    if (size > waiting.into.size()) return call(waiting.receive_into.take(errc::message_size, size));
    auto message = messages.pop();
    std::memcpy(waiting.into.data(), message->storage.data(), size);
    messages.pool().recycle(std::move(message));
    call(waiting.receive_into.take({}, size));
}

void session_core::deliver_view()
{
    viewed_ = association_->messages().pop();
    call(receive_view_.take({}, asio::const_buffer{viewed_->storage.data(), viewed_->size}));
}

void session_core::send(asio::const_buffer message, sized_operation begun)
{
    const auto refuse = [&](error_code why) { post_completion(begun.take(why, 0)); };
    if (send_) return refuse(errc::operation_in_progress);
    if (over() || !association_->is_open()) return refuse(report_close());
    if (message.size() > max_message_size()) return refuse(errc::message_size);

    if (host_->can_send(*association_)) {
        send_ = std::move(begun);
        return send_now(message);
    }
    auto& waiting = need_cold_state().waiting;
    waiting.message = message;
    send_ = std::move(begun);
    host_->enqueue_send(*association_, waiting);
}

void session_core::send_now(asio::const_buffer message)
{
    const auto sealed =
        host_->send(*association_, {static_cast<const std::byte*>(message.data()), message.size()});
    const auto done = [&](error_code error, std::size_t size) {
        host_->defer({shared_from_this(), send_.take(error, size)});
    };
    switch (sealed) {
        case record::sealed::sent:
            return done({}, message.size());
        case record::sealed::empty:
        case record::sealed::too_large:
            return done(errc::message_size, 0);
        case record::sealed::exhausted:
            // If this has ended the session, the end has already completed the operation.
            if (send_) done(errc::sequence_exhausted, 0);
    }
}

/// Delivers a queued message, but not within the call that requests it.
void session_core::wake()
{
    if (host_) return host_->defer({shared_from_this(), {}});
    executor().post_anyway([self = shared_from_this()] { self->on_readable(); });
}

void session_core::callback_failed(const std::exception_ptr& thrown)
{
    if (!context_->executor.has_own_thread()) std::rethrow_exception(thrown);
    const auto server = context_->owning_shard.lock();
    if (server) server->callback_failed(thrown, *this);
    close_handle();
    if (!server) std::rethrow_exception(thrown);  // a client's session: propagates to its thread
}

void session_core::on_send_capacity()
{
    // If the session has ended meanwhile, `on_end` is about to complete the send.
    if (send_ && association_->is_open()) send_now(cold_state_->waiting.message);
}

void session_core::remove_from_send_queue() noexcept
{
    if (cold_state_) cold_state_->waiting.unlink();
}

void session_core::close(close_operation begun)
{
    if (waits_to_close()) return post_completion(begun.take(errc::operation_in_progress));
    if (over()) return post_completion(begun.take({}));
    need_cold_state().close = std::move(begun);
    closed_here_ = true;
    open_ = false;
    abort_operations();
    host_->close(*association_);
}

void session_core::confirm_peer(const wire::endpoint& address) noexcept
{
    if (host_ && association_->path().peer == address) host_->confirm_peer(*association_);
}

void session_core::export_to(wire::bytes application, export_operation begun)
{
    auto made = host_ ? host_->export_session(*association_, application)
                      : exported_session{over() ? report_close() : make_error_code(errc::not_exportable), {}};
    post_completion(begun.take(made.error, std::move(made.blob)));
}

void session_core::close_handle() noexcept
{
    closed_here_ = true;
    open_ = false;
    viewed_.reset();
    association_->messages().clear();
    abort_operations();
    if (!over()) host_->close(*association_);
}

void session_core::abort() noexcept
{
    const auto keep = shared_from_this();
    ended_.store(true, std::memory_order_release);  // handles destroyed from now on start no operation
    open_ = false;
    set_close_error(context_->executor_gone_error);
    host_.reset();
    remove_from_send_queue();
    receive_view_.discard();
    send_.discard();
    if (!cold_state_) return;
    cold_state_->receive_into.discard();
    cold_state_->close.discard();
}

void session_core::on_end(error_code why)
{
    set_close_error(why);
    open_ = false;
    if (why == errc::exported) association_->messages().clear();  // the export contains them
    on_readable();  // messages received before the end are delivered before it
    if (association_->messages().empty()) {
        if (waits_to_receive_into()) post_completion(cold_state_->receive_into.take(report_close(), 0));
        if (receive_view_) post_completion(receive_view_.take(report_close(), {}));
    }
    remove_from_send_queue();
    if (send_) post_completion(send_.take(report_close(), 0));
    if (waits_to_close()) post_completion(cold_state_->close.take({}));
    association_->messages().detach_from_pool();
    host_.reset();
    ended_.store(true, std::memory_order_release);
}

}  // namespace quivive::runtime
