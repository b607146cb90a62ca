#include "server/attempt_core.hpp"

#include "server/shard.hpp"

namespace quivive::runtime {

attempt_core::attempt_core(std::shared_ptr<shard> owner, std::shared_ptr<dispatch::connection> connection,
                           facts known)
    : executor_{owner->executor()},
      shard_{std::move(owner)},
      connection_{std::move(connection)},
      known_{std::move(known)}
{
}

attempt attempt_core::make_handle(std::shared_ptr<attempt_core> core) noexcept
{
    return attempt{std::move(core)};
}

void attempt_core::accept(attempt::accept_handler handler)
{
    if (!answer()) return complete_at_once(std::move(handler), executor_, errc::attempt_expired, session{});
    cancel_by(handler, [weak = weak_from_this()] {
        const auto core = weak.lock();
        if (!core) return;
        core->executor_.run([core] {
            if (core->shard_) core->shard_->refuse(*core->connection_, false);
        });
    });
    executor_.run([self = shared_from_this(),
                   begun = accept_operation{std::move(handler), executor_.any_executor()}]() mutable {
        if (!self->shard_) return begun.complete_later(self->executor_, self->close_error_, session{});
        self->accept_ = std::move(begun);
        self->shard_->accept(*self->connection_);
    });
}

void attempt_core::refuse(bool send_alert) noexcept
{
    if (!answer()) return;
    executor_.run([self = shared_from_this(), send_alert] {
        if (self->shard_) self->shard_->refuse(*self->connection_, send_alert);
    });
}

void attempt_core::displace(attempt which) noexcept
{
    const auto core = std::exchange(which.core_, nullptr);
    if (!core || !core->answer()) return;
    core->executor_.run([core] {
        if (core->shard_) core->shard_->displace(*core->connection_);
    });
}

void attempt_core::on_established(session handle)
{
    shard_.reset();
    connection_.reset();
    if (accept_) accept_.complete(error_code{}, std::move(handle));
}

void attempt_core::abort() noexcept
{
    const auto keep = shared_from_this();
    shard_.reset();
    connection_.reset();
    close_error_ = errc::server_stopped;
    accept_.discard();
}

void attempt_core::on_end(error_code why)
{
    shard_.reset();
    connection_.reset();
    if (why == errc::server_stopped || why == errc::displaced) close_error_ = why;
    if (accept_) accept_.complete_later(executor_, why, session{});
}

}  // namespace quivive::runtime
