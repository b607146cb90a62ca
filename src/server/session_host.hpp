#pragma once

#include "quivive/session_handler.hpp"
#include "record/protection.hpp"
#include "server/ready_list.hpp"
#include "server/shard_executor.hpp"
#include "session/association.hpp"

#include <boost/asio/error.hpp>

#include <memory>
#include <vector>

namespace quivive::runtime {

class shard;
class waiting_send;

/// State that a session still needs after it has released its host. All sessions of a host share one, so that
/// each stores only a pointer.
struct session_context {
    runtime::shard_executor executor;
    std::shared_ptr<session_handler> handler{};  ///< exists as long as one of its coroutines
    std::weak_ptr<shard> owning_shard{};         ///< receives exceptions of handlers
    error_code executor_gone_error =
        boost::asio::error::operation_aborted;  ///< error of sessions whose executor is destroyed
};

/// An exported session, or why the export failed.
struct exported_session {
    error_code error;
    std::vector<std::byte> blob;
};

/// Executes a session's operations: a server's shard, or a client's link. Call everything but the accessor of
/// the executor on that executor.
class session_host {
public:
    explicit session_host(runtime::shard_executor executor) : executor_{std::move(executor)} {}
    virtual ~session_host() = default;

    [[nodiscard]] const runtime::shard_executor& executor() const noexcept { return executor_; }

    [[nodiscard]] virtual record::sealed send(sessions::association& association,
                                              wire::bytes message) noexcept = 0;
    /// Sends close_notify and waits for the peer's.
    virtual void close(sessions::association& association) noexcept = 0;
    /// Confirms, for the application, that the peer owns its new address.
    virtual void confirm_peer(sessions::association& association) noexcept = 0;
    /// Returns whether a message may be sent now. Otherwise call `enqueue_send`.
    [[nodiscard]] virtual bool can_send(const sessions::association& association) noexcept = 0;
    /// Queues a send. `on_send_capacity` of its session is called once, unless the send is removed before.
    virtual void enqueue_send(const sessions::association& association, waiting_send& last) noexcept = 0;

    /// Exports the session as a blob, for another process to continue, and removes it here.
    [[nodiscard]] virtual exported_session export_session(sessions::association& association,
                                                          wire::bytes application) = 0;

    /// Runs `work` in a later turn, before sent datagrams are flushed, so that the messages of many sessions
    /// leave in one batch.
    virtual void defer(ready_work work) = 0;

    /// Destroys all waiting handlers without calling them, because the execution context ends.
    virtual void abort() noexcept = 0;

private:
    runtime::shard_executor executor_;
};

}  // namespace quivive::runtime
