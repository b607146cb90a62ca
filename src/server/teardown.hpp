#pragma once

#include <boost/asio/execution_context.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace quivive::runtime {

class session_host;

/// Service that breaks reference cycles when an execution context is destroyed. A session, not the context,
/// stores the handlers that wait for it, so the context cannot destroy them. A waiting coroutine holds its
/// session, and the session holds the coroutine. On shutdown of the context this service makes every host
/// release its handlers.
class teardown final : public boost::asio::execution_context::service {
public:
    using key_type = teardown;
    static inline boost::asio::execution_context::id id;

    explicit teardown(boost::asio::execution_context& context) : service{context} {}

    /// Makes `host` release its handlers at the end of the context, if it still exists then. Thread-safe.
    static void watch(boost::asio::execution_context& context, const std::shared_ptr<session_host>& host);

    /// Makes all hosts of the context release their handlers now. Call on the context's thread.
    static void abort(boost::asio::execution_context& context) noexcept;

private:
    void add(const std::shared_ptr<session_host>& host);
    void shutdown() noexcept override;

    std::mutex mutex_;
    std::vector<std::weak_ptr<session_host>> hosts_;
    std::size_t clean_at_ = 64;  ///< size at which expired hosts are removed
};

}  // namespace quivive::runtime
