#pragma once

#include <boost/asio/execution_context.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace quivive::detail {

class session_host;

/// Handlers that wait for a session are kept by the session, not by the execution context, which would
/// destroy its own ones when it ends. A coroutine that waits so holds its session, which holds the coroutine:
/// this service, told by the context, has every host let go.
class teardown final : public boost::asio::execution_context::service {
public:
    using key_type = teardown;
    static inline boost::asio::execution_context::id id;

    explicit teardown(boost::asio::execution_context& context) : service{context} {}

    /// Has `host` let go at the end of the context, if it still lives then. Thread-safe.
    static void watch(boost::asio::execution_context& context, const std::shared_ptr<session_host>& host);

    /// Has all hosts of the context let go now, on its thread.
    static void let_go(boost::asio::execution_context& context) noexcept;

private:
    void add(const std::shared_ptr<session_host>& host);
    void shutdown() noexcept override;

    std::mutex mutex_;
    std::vector<std::weak_ptr<session_host>> hosts_;
    std::size_t clean_at_ = 64;  ///< the size at which those that are gone are looked for
};

}  // namespace quivive::detail
