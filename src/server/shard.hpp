#pragma once

#include "dispatch/dispatcher.hpp"
#include "gate/gate.hpp"
#include "observe/counters.hpp"
#include "quivive/session_handler.hpp"
#include "server/acceptor.hpp"
#include "server/generation.hpp"
#include "server/peer_log.hpp"
#include "server/port.hpp"
#include "server/session_core.hpp"
#include "server/session_host.hpp"
#include "server/shard_events.hpp"
#include "server/wake_timer.hpp"
#include "transport/receive_batch.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace quivive::detail {

/// One thread's share of a server: its sockets, its table, its one timer. Reads, lets the dispatcher decide,
/// and carries out. All but `counters` only inside its home.
class shard final : public session_host,
                    private shard_events,
                    private wire::outbox,
                    public std::enable_shared_from_this<shard> {
public:
    struct parts {
        std::shared_ptr<const detail::generation> configured;
        level_log log;
        std::shared_ptr<detail::acceptor> acceptor;
        std::vector<transport::udp_socket> sockets;
    };

    shard(detail::home where, parts given);
    ~shard() override;

    /// Begins to read. Sessions go to `handler`, or, when null, attempts to the acceptor.
    void serve(std::shared_ptr<session_handler> handler);

    /// Refuses newcomers, ends what is left after `within`, then closes and calls `done` (null when called
    /// again, which can only bring the end forward).
    void stop(std::chrono::milliseconds within, std::function<void()> done);

    /// Newcomers meet `configured` from now on. `keys`: of its cookies, null when the present ones stay.
    void use(std::shared_ptr<const generation> configured, std::unique_ptr<gate::cookie_keys> keys);

    // For attempts. `who` may have ended since.
    void accept(dispatch::member& who);
    void refuse(dispatch::member& who, bool tell_peer);

    [[nodiscard]] const observe::counters& counters() const noexcept { return counters_; }

    // session_host
    record::sealed send(sessions::association& who, wire::bytes message) noexcept override;
    void close(sessions::association& who) noexcept override;
    bool congested(const sessions::association& who, session_core& waiting) noexcept override;
    void soon(ready_work work) override;
    void let_go() noexcept override;

private:
    // shard.cpp: reading, sending, time
    void wait_readable(std::size_t socket);
    void wait_writable(std::size_t socket);
    void read(std::size_t socket);
    [[nodiscard]] bool read_batches(std::size_t socket);
    void take(const transport::received_datagram& datagram, std::size_t socket, time_point now);
    void act_on_all(std::size_t& budget);
    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    void finish_turn();
    void later_finish_turn();
    void rearm();
    void on_timer();
    void pass_time(time_point now);
    void close_all();
    [[nodiscard]] dispatch::terms terms() const;

    // shard_sessions.cpp: what becomes of the dispatcher's decisions
    dispatch::reception admit(const wire::client_hello_view& hello, const wire::path& path, bool proven,
                              const load& load) noexcept override;
    void load_changed(const load& now) noexcept override;
    void act(shard_event& event);
    void offer(const std::shared_ptr<dispatch::member>& who, std::string server_name);
    void establish(const std::shared_ptr<dispatch::member>& who);
    void run_handler(const std::shared_ptr<session_core>& core);
    void end(dispatch::member& who, bool was_session);
    void trace(trace_kind kind, const wire::path& path, std::size_t bytes, std::string_view text) const;
    void trace_flight(trace_kind kind, const wire::path& path, wire::bytes datagram) const;

    std::shared_ptr<const generation> configured_;
    std::shared_ptr<record::aead_cache> ciphers_;
    trace_sink trace_;
    observe::counters counters_;
    std::shared_ptr<acceptor> acceptor_;
    std::shared_ptr<session_handler> handler_;
    peer_log log_;

    gate::gate gate_;
    std::vector<std::unique_ptr<port>> ports_;
    transport::receive_batch batch_;
    dispatch::dispatcher dispatcher_;

    wake_timer timer_;
    ready_list ready_;
    std::vector<std::weak_ptr<session_core>> congested_;
    bool reading_ = false;
    bool in_turn_ = false;
    bool turn_posted_ = false;
    bool stopping_ = false;
    bool closed_ = false;
    time_point stop_at_ = no_deadline;
    std::function<void()> stopped_;
};

}  // namespace quivive::detail
