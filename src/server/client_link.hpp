#pragma once

#include "quivive/client.hpp"
#include "server/ready_list.hpp"
#include "server/session_core.hpp"
#include "server/session_host.hpp"
#include "server/udp_port_io.hpp"
#include "server/wake_timer.hpp"
#include "transport/receive_batch.hpp"

namespace quivive::runtime {

/// A client's association on its own socket: the counterpart of a server's shard. Exists while an operation
/// waits.
class client_link final : public session_host,
                          private wire::outbox,
                          public std::enable_shared_from_this<client_link> {
public:
    using connect_operation = pending_operation<error_code, session>;

    client_link(boost::asio::any_io_executor on, const client_config& config,
                std::shared_ptr<const tls::context> context, transport::udp_socket socket,
                const wire::endpoint& server);

    void connect(connect_operation begun);
    /// Aborts the handshake, unless it is complete.
    void cancel_connect();

    record::sealed send(sessions::association& association, wire::bytes message) noexcept override;
    void close(sessions::association& association) noexcept override;
    void confirm_peer(sessions::association& association) noexcept override { association.validate_path(); }
    exported_session export_session(sessions::association&, wire::bytes) override
    {
        return {errc::not_exportable, {}};
    }
    bool can_send(const sessions::association&) noexcept override { return port_.can_send(); }
    void enqueue_send(const sessions::association& association, waiting_send& last) noexcept override;
    void defer(ready_work work) override;
    void abort() noexcept override;

private:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    void wait_readable();
    void read();
    void on_datagram(wire::bytes datagram, time_point now);
    void on_timer();
    /// Acts on changes of the association, sends queued datagrams, sets the timer.
    void finish_turn();
    void handle_changes();
    void post_finish_turn();
    void establish();
    void on_association_closed();
    void rearm();
    void trace_flight(trace_kind kind, wire::bytes datagram) const;
    void trace(trace_kind kind, std::size_t bytes, std::string_view text) const;

    std::shared_ptr<const quivive::limits> limits_;
    trace_sink trace_;
    std::shared_ptr<const tls::context> context_;
    tls::handshake_settings handshakes_;
    observe::counters counters_;
    udp_port_io port_;
    transport::receive_batch batch_;
    std::shared_ptr<sessions::association> association_;
    std::shared_ptr<session_core> core_;
    connect_operation connect_;
    error_code start_error_;  ///< why no handshake could be started, if none could
    wake_timer timer_;
    ready_list ready_;
    bool in_turn_ = false;
    bool turn_posted_ = false;
    bool ended_ = false;
};

}  // namespace quivive::runtime
