#pragma once

#include "quivive/metrics.hpp"
#include "quivive/server.hpp"
#include "server/session_blob.hpp"
#include "server/shard.hpp"
#include "server/state_directory.hpp"
#include "server/stop_state.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace quivive::runtime {

class export_job;

/// A server: its shards, its threads, and their shutdown.
class server_core {
public:
    server_core(std::optional<boost::asio::any_io_executor> executor, server_config config);
    ~server_core();

    /// Stops a server and waits for its threads. When called on one of these threads, waits in a new thread
    /// instead.
    static void close(std::shared_ptr<server_core> core) noexcept;

    void serve(std::shared_ptr<session_handler> handler);
    void accept(acceptor::handler_type handler);
    void stop(std::chrono::milliseconds within);
    void stop(std::chrono::milliseconds within,
              boost::asio::any_completion_handler<void(error_code)> handler);
    void join();

    [[nodiscard]] std::vector<boost::asio::ip::udp::endpoint> local_endpoints() const { return local_; }
    [[nodiscard]] const std::string& pin() const noexcept { return pin_; }
    [[nodiscard]] quivive::metrics metrics() const;

    std::vector<std::string> reload(server_config config);
    void trim_memory();

    // server_transfer.cpp
    void export_all(std::filesystem::path directory,
                    boost::asio::any_completion_handler<void(error_code, std::size_t)> handler);
    [[nodiscard]] error_code import_session(std::span<const std::byte> blob);
    server::import_result import_all(const std::filesystem::path& directory);

private:
    void make_shards(std::optional<boost::asio::any_io_executor> executor, std::size_t count);
    void warn_about(const config_snapshot& configured) const;
    void start_threads();
    [[nodiscard]] bool on_own_thread() const noexcept;
    void start_serving(const std::shared_ptr<session_handler>& handler);

    [[nodiscard]] std::shared_ptr<const config_snapshot> configured() const;

    // server_transfer.cpp
    void open_state();
    void use_secrets(const config_snapshot& configured, buffered_log& log_lines) noexcept;
    [[nodiscard]] dispatch::id_codec make_id_codec(const state_folder* folder, std::size_t shards) const;
    [[nodiscard]] bool begin_export(const std::shared_ptr<export_job>& next);
    [[nodiscard]] error_code check_belongs_here(const sessions::saved_session& saved) const;
    void import_saved(sessions::saved_session saved);
    [[nodiscard]] std::vector<opened_session> open(std::span<const std::vector<std::byte>> blobs);
    void import_file(const std::filesystem::path& file, server::import_result& sum);

    mutable std::mutex mutex_;  ///< guards the next three members
    std::shared_ptr<const config_snapshot> configured_;
    std::uint64_t reloads_ = 0;
    std::weak_ptr<export_job> export_job_;
    std::mutex reloading_;  ///< serializes `reload`, and so calls of `shard_group::use`

    level_log log_;
    std::string pin_;
    std::shared_ptr<state_directory> state_;  ///< null: none is configured
    std::shared_ptr<shard_group> group_;
    std::shared_ptr<handshake_pool> pool_;  ///< null: handshakes run on the shards' threads
    std::shared_ptr<acceptor> acceptor_;
    std::vector<boost::asio::ip::udp::endpoint> local_;

    std::vector<boost::intrusive_ptr<own_context>> own_;  ///< empty on the user's executor
    std::vector<std::shared_ptr<shard>> shards_;
    std::vector<std::thread> threads_;
    std::shared_ptr<server_core> last_owner_;  ///< itself, from `close` until its threads have ended

    std::shared_ptr<stop_state> stop_state_;
    std::atomic<bool> serving_{false};
};

}  // namespace quivive::runtime
