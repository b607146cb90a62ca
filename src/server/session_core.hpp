#pragma once

#include "dispatch/member.hpp"
#include "quivive/session.hpp"
#include "server/pending_operation.hpp"
#include "server/session_host.hpp"

#include <atomic>
#include <memory>
#include <optional>

namespace quivive::detail {

/// A session as the application holds it: its operations that wait, over an association that a host drives.
///
/// While the session lives, all but `run` and the getters happens in the host's home. Its end is the last
/// thing that happens there: after it nothing but the application knows the core, which has let go of the
/// host and needs no executor of it, so that a session may outlive its server.
class session_core final : public dispatch::owner, public std::enable_shared_from_this<session_core> {
public:
    session_core(std::shared_ptr<session_host> host, std::shared_ptr<sessions::association> association,
                 session_info info);

    [[nodiscard]] static session make_handle(std::shared_ptr<session_core> core) noexcept;

    [[nodiscard]] const session_info& info() const noexcept { return info_; }
    [[nodiscard]] boost::asio::any_io_executor executor() const { return home_.executor(); }
    /// Runs one of the operations below where it may run.
    template <typename Work>
    void run(Work&& work)
    {
        home_.run(std::forward<Work>(work));
    }
    [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }
    [[nodiscard]] bool is_open() const noexcept { return open_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t max_message_size() const noexcept { return max_message_size_; }

    // The application's operations.
    void receive(boost::asio::mutable_buffer into, session::receive_handler handler);
    void receive(session::view_handler handler);
    void send(boost::asio::const_buffer message, session::receive_handler handler);
    void close(session::close_handler handler);
    /// The handle is gone.
    void release() noexcept;

    // What the host reports.
    void on_readable() override;
    void on_writable();
    void on_end(error_code why);
    void let_go() noexcept override;

private:
    enum class wish { receive, send, close };

    bool begin_receive() noexcept;
    void deliver_to_buffer();
    void deliver_view();
    void send_now(boost::asio::const_buffer message);
    void wake();
    [[nodiscard]] std::optional<error_code> receive_error() const;
    void stop_waiting(wish what);
    auto canceller(wish what);

    home home_;
    std::shared_ptr<session_host> host_;  ///< null after the end
    std::shared_ptr<sessions::association> association_;
    session_info info_;
    std::size_t max_message_size_;
    std::atomic<bool> open_{true};
    std::atomic<bool> ended_{false};
    bool closed_here_ = false;
    std::optional<error_code> end_;

    pending_operation<error_code, std::size_t> receive_into_;
    boost::asio::mutable_buffer into_;
    pending_operation<error_code, boost::asio::const_buffer> receive_view_;
    std::unique_ptr<sessions::message> lent_;
    pending_operation<error_code, std::size_t> send_;
    boost::asio::const_buffer sending_;
    pending_operation<error_code> close_;
};

}  // namespace quivive::detail
