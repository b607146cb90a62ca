#pragma once

#include "dispatch/dispatcher.hpp"
#include "gate/gate.hpp"
#include "observe/counters.hpp"
#include "quivive/session_handler.hpp"
#include "server/acceptor.hpp"
#include "server/blob_file.hpp"
#include "server/config_snapshot.hpp"
#include "server/cpu_meter.hpp"
#include "server/handshake_pool.hpp"
#include "server/peer_log.hpp"
#include "server/quiesced_shard.hpp"
#include "server/refusal_log.hpp"
#include "server/session_core.hpp"
#include "server/session_facts.hpp"
#include "server/session_host.hpp"
#include "server/shard_events.hpp"
#include "server/shard_group.hpp"
#include "server/state_directory.hpp"
#include "server/trimmer.hpp"
#include "server/udp_port_io.hpp"
#include "server/wake_timer.hpp"
#include "transport/receive_batch.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace quivive::runtime {

class export_job;

/// A thread's part of a server, with its own sockets, connection table and timer. Reads datagrams, passes
/// them to the dispatcher and executes its decisions. Call everything but `counters` on its executor, unless
/// stated otherwise.
class shard final : public session_host,
                    private shard_events,
                    private wire::outbox,
                    public std::enable_shared_from_this<shard> {
public:
    struct dependencies {
        std::shared_ptr<const runtime::config_snapshot> configured;
        level_log log;
        std::shared_ptr<runtime::acceptor> acceptor;
        std::vector<transport::udp_socket> sockets;
        std::shared_ptr<runtime::shard_group> group;
        std::size_t index = 0;                   ///< index within the group
        std::shared_ptr<state_directory> state;  ///< null: none is configured
        std::shared_ptr<handshake_pool> pool;    ///< null: handshakes run on the shard's thread
    };

    shard(runtime::shard_executor on, dependencies given);
    ~shard() override;

    /// Starts to read. Sessions are passed to `handler`, or, when it is null, attempts to the acceptor.
    void serve(std::shared_ptr<session_handler> handler);

    /// Refuses new clients, closes the remaining connections after `within`, then closes the sockets and
    /// calls `done`. Another call passes null and can only shorten the time.
    void stop(std::chrono::milliseconds within, std::function<void()> done);

    /// Uses `configured` for new handshakes from now on. `keys`: its cookie keys, null when the present ones
    /// stay.
    void use(std::shared_ptr<const config_snapshot> configured, std::unique_ptr<gate::cookie_keys> keys);

    /// Forwards a datagram that another shard has received for a session of this one. May be called from any
    /// thread. Returns false when too many datagrams wait already.
    [[nodiscard]] bool hand_off(wire::bytes datagram, const wire::path& path);

    /// Logs an exception of a completion handler of this session, on a server's own thread.
    void callback_failed(const std::exception_ptr& thrown, const session_core& core);
    /// Does the same when the session is not known. Call only in a `catch (...)` handler.
    void callback_failed() noexcept;

    /// Returns a finished step of a handshake to the shard. May be called from any thread.
    void step_done(std::unique_ptr<dispatch::handshake_step> step) noexcept;

    // shard_transfer.cpp: export and import of sessions
    /// Adds all sessions that can be exported to `to`. The shard is then quiesced until `on_export_finished`.
    void export_sessions(export_job& to);
    /// Continues, closes or removes the exported sessions, depending on `outcome`. Then resumes the shard.
    void on_export_finished(export_outcome outcome);
    /// Continues an imported session with the handler of `serve`. Waits for `serve` if that has not been
    /// called.
    void import_session(sessions::saved_session saved);

    /// Gives free memory of ended handshakes and sessions back to the system, in slices.
    void trim_memory() noexcept;

    // Answers of attempts. `connection` may have ended meanwhile.
    void accept(dispatch::connection& connection);
    void refuse(dispatch::connection& connection, bool send_alert);
    void displace(dispatch::connection& connection);

    [[nodiscard]] const observe::counters& counters() const noexcept { return counters_; }

    // session_host
    record::sealed send(sessions::association& association, wire::bytes message) noexcept override;
    void close(sessions::association& association) noexcept override;
    void confirm_peer(sessions::association& association) noexcept override;
    exported_session export_session(sessions::association& association, wire::bytes application) override;
    bool can_send(const sessions::association& association) noexcept override;
    void enqueue_send(const sessions::association& association, waiting_send& last) noexcept override;
    void defer(ready_work work) override;
    void abort() noexcept override;

private:
    /// Limit of the sessions' own work in one turn.
    static constexpr std::size_t ready_work_per_turn = 1'024;

    // shard_reading.cpp
    void wait_readable(std::size_t socket);
    void read(std::size_t socket);
    void post_read(std::size_t socket);
    [[nodiscard]] bool read_batches(std::size_t socket);
    void on_datagram(const transport::received_datagram& datagram, std::size_t socket, time_point now);
    void on_datagram(const wire::path& path, wire::bytes datagram, time_point now);
    void handle_events(std::size_t& quota);
    void read_remaining();
    void read_rest(std::size_t socket);

    // shard.cpp: sending, timers, life cycle
    void wait_writable(std::size_t socket);
    void resume_senders(std::size_t& quota);
    [[nodiscard]] bool has_more_to_do() const noexcept;
    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    void finish_turn();
    void run_turn();
    void post_finish_turn();
    void rearm();
    void on_timer();
    void run_timers(time_point now);
    void close_all();
    [[nodiscard]] dispatch::connection_config connection_config() const;

    // shard_transfer.cpp
    [[nodiscard]] std::optional<std::vector<std::byte>> blob_of(const dispatch::connection& connection,
                                                                const state_folder& sealed_for,
                                                                std::vector<std::byte> application) const;
    void copy_session(const dispatch::connection& connection, const state_folder& sealed_for,
                      sealed_blobs& blobs);
    void close_exported(dispatch::connection& connection, export_outcome outcome, time_point now);
    [[nodiscard]] std::string try_to_import(sessions::saved_session& saved);
    [[nodiscard]] std::optional<std::uint32_t> socket_of(const wire::endpoint& local) const;

    void on_step_done(std::unique_ptr<dispatch::handshake_step> step);

    // shard_sessions.cpp: acts on the dispatcher's decisions
    dispatch::admission_action admit(const wire::client_hello_view& hello, const wire::path& path,
                                     const gate::verdict& verdict, const load& load) noexcept override;
    void load_changed(const load& now) noexcept override;
    void share_reached(const wire::endpoint& peer, const dispatch::reached_share& share) noexcept override;
    void handle_event(shard_event& event);
    void offer(const std::shared_ptr<dispatch::connection>& connection, std::string server_name);
    void establish(const std::shared_ptr<dispatch::connection>& connection);
    void run_handler(const std::shared_ptr<session_core>& core);
    void move(const dispatch::connection& connection, const wire::path& before, const wire::path& after);
    void handler_failed(const std::exception_ptr& thrown, const session_core& core);
    void report(std::string_view source, std::string_view failure);
    void on_connection_removed(dispatch::connection& connection, bool was_session);
    void trace(trace_kind kind, const wire::path& path, std::size_t bytes, std::string_view text) const;
    void trace_flight(trace_kind kind, const wire::path& path, wire::bytes datagram) const;

    std::shared_ptr<const config_snapshot> configured_;
    std::shared_ptr<record::aead_cache> ciphers_;
    trace_sink trace_;
    observe::counters counters_;
    std::shared_ptr<acceptor> acceptor_;
    std::shared_ptr<shard_group> group_;
    std::shared_ptr<state_directory> state_;
    const std::size_t max_handoffs_;
    std::atomic<std::size_t> handoffs_{0};  ///< forwarded to this shard and still queued
    std::shared_ptr<session_handler> handler_;
    std::shared_ptr<const session_context> context_;
    peer_log log_;
    refusal_log refusals_;
    known_facts known_;

    gate::gate gate_;
    std::vector<std::unique_ptr<udp_port_io>> ports_;
    transport::receive_batch batch_;
    std::optional<pool_workers> workers_;
    cpu_meter work_;
    dispatch::dispatcher dispatcher_;

    wake_timer timer_;
    std::shared_ptr<trimmer> trimmer_;
    ready_list ready_;
    quiesced_shard quiesced_;
    std::vector<sessions::saved_session> pending_imports_;  ///< imported sessions that wait for `serve`
    bool reading_ = false;
    bool in_turn_ = false;
    bool turn_posted_ = false;
    bool stopping_ = false;
    bool closed_ = false;
    time_point stop_at_ = no_deadline;
    std::function<void()> stopped_;
};

}  // namespace quivive::runtime
