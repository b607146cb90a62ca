#pragma once

#include "dispatch/buffering_outbox.hpp"
#include "dispatch/connection.hpp"
#include "dispatch/handshake_step.hpp"
#include "dispatch/id_codec.hpp"
#include "dispatch/id_table.hpp"
#include "dispatch/listener.hpp"
#include "dispatch/occupancy.hpp"
#include "dispatch/replaced_hellos.hpp"
#include "dispatch/timer_wheel.hpp"
#include "dispatch/work_meter.hpp"
#include "gate/gate.hpp"
#include "gate/load_meter.hpp"
#include "gate/move_rules.hpp"
#include "observe/counters.hpp"
#include "quivive/connection_ids.hpp"
#include "quivive/limits.hpp"
#include "session/saved_session.hpp"
#include "tls/context.hpp"
#include "tls/handshake.hpp"
#include "wire/token_bucket.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>

namespace quivive::dispatch {

enum class disposition : unsigned char { delivered, answered, dropped };

/// Result of routing one datagram.
struct decision {
    dispatch::disposition disposition = disposition::dropped;
    drop_reason reason{};  ///< when dropped

    static constexpr decision dropped(drop_reason why) noexcept { return {disposition::dropped, why}; }
};

/// Settings for new handshakes. Existing sessions keep the settings they started with.
struct connection_config {
    std::shared_ptr<const quivive::limits> limits;
    tls::handshake_settings handshakes;
    std::shared_ptr<const tls::context> context;
    load_marks load;
    connection_id_policy ids{};  ///< except the length, which the codec fixes
    std::shared_ptr<const gate::move_rules> moves = std::make_shared<const gate::move_rules>();  ///< not null
};

/// Generator of the connection ids of one shard.
struct id_source {
    id_codec codec;
    std::size_t shard = 0;
    gate::random_source random;
};

/// Result of importing a session from another process.
enum class import_outcome : unsigned char {
    imported,
    no_capacity,    ///< `limits::max_sessions` reached, out of memory, or the server is stopping
    in_use,         ///< another session has its address or its id
    unreadable_id,  ///< its id has a different length from this server's ids
};

/// The table of associations. Routes each datagram and returns one decision for it (src/README.md). Datagrams
/// to send go to the outbox passed in, and events go to the listener. Each datagram is counted exactly once.
/// Uses no socket and no clock. Not thread-safe: each shard has its own. All references passed in must
/// outlive it.
///
/// Source files: unknown_peers.cpp has `route` and datagrams of unknown peers, known_peers.cpp has datagrams
/// of known peers. unvalidated_peers.cpp handles peers with an unvalidated address. known_by_id.cpp handles
/// connections with a connection id. transfer.cpp exports and imports sessions. steps.cpp continues
/// handshakes on other threads. dispatcher.cpp has the rest.
class dispatcher {
public:
    struct dependencies {
        dispatch::connection_config config;
        gate::gate& gate;
        dispatch::listener& listener;
        observe::counters& counters;
        hash_key key;
        work_meter& work;
        id_source ids;
        handshake_workers* workers = nullptr;  ///< null: handshakes run inside the calls
    };

    dispatcher(dependencies given, time_point start);
    ~dispatcher();
    dispatcher(const dispatcher&) = delete;
    dispatcher& operator=(const dispatcher&) = delete;

    /// Routes one datagram. Allocates nothing for a peer that has not passed the gate.
    decision route(const wire::path& path, wire::bytes datagram, time_point now, wire::outbox& out) noexcept;

    /// Returns whether there is a connection with this address, other than a handshake whose address is
    /// unvalidated.
    [[nodiscard]] bool has_connection(const wire::path& path) const noexcept;

    /// Counts a datagram that the transport could not receive whole.
    void drop(std::size_t bytes, drop_reason reason) noexcept;

    /// Runs the timers of all associations. Call it at `next_wake()`. It handles at most `most` associations.
    /// If more are due, `next_wake()` is already in the past afterwards.
    void advance(time_point now, wire::outbox& out, std::size_t most = SIZE_MAX) noexcept;
    [[nodiscard]] time_point next_wake() const noexcept
    {
        return std::min(wheel_.next_wake(), load_.next_wake());
    }

    /// Continues the handshake of a step that was passed to `handshake_workers` and has run.
    void on_step_done(std::unique_ptr<handshake_step> step, time_point now, wire::outbox& out) noexcept;

    /// Replaces the keys of connection ids. Their length stays.
    void use(id_codec changed) noexcept { dependencies_.ids.codec = std::move(changed); }
    /// Replaces the settings for new handshakes.
    void use(connection_config changed) noexcept;

    // Operations of the application. `connection` was reported as offered or established, and may have closed
    // since.

    /// Starts the handshake of an offered ClientHello. Returns false when the offer has expired.
    bool accept(connection& connection, time_point now, wire::outbox& out) noexcept;
    /// Removes an offered ClientHello, with an access_denied alert if `send_alert`; or aborts a handshake.
    void refuse(connection& connection, bool send_alert, wire::outbox& out) noexcept;
    /// Removes an offered ClientHello, because another one takes its place in the queue.
    void displace(connection& connection) noexcept;
    [[nodiscard]] record::sealed send(connection& connection, wire::bytes message, time_point now,
                                      wire::outbox& out) noexcept;
    /// Sends close_notify and waits for the peer's close_notify.
    void close(connection& connection, sessions::close_reason why, time_point now,
               wire::outbox& out) noexcept;
    /// Sends close_notify and removes the connection.
    void close_now(connection& connection, sessions::close_reason why, time_point now,
                   wire::outbox& out) noexcept;

    // transfer.cpp: export to and import from another process.

    /// Returns the state of a session for another process, without the state of the layer above. Empty unless
    /// the session is open and quivive holds its keys.
    [[nodiscard]] std::optional<sessions::saved_session> save(const connection& connection,
                                                              time_point now) const;
    /// Removes a saved session without notifying the peer. `why` is `exported` or `export_failed`.
    void remove_exported(connection& connection,
                         sessions::close_reason why = sessions::close_reason::exported) noexcept;
    /// Imports a session and continues it. Reports it to the listener like any established session.
    import_outcome import_session(const sessions::saved_session& saved,
                                  std::shared_ptr<record::aead_cache> ciphers, time_point now) noexcept;
    /// Calls `visit(connection&)` once for each open or closing session. `visit` must not change the table.
    template <typename Visit>
    void for_each_session(Visit visit) const
    {
        for_each_connection([&](connection& connection) {
            if (connection.is_open() || connection.phase() == sessions::phase::closing) visit(connection);
        });
    }

    /// Drops every new handshake from now on, for the reason `stopping`.
    void refuse_new_handshakes() noexcept { stopping_ = true; }
    void close_all(sessions::close_reason why, time_point now, wire::outbox& out) noexcept;

    /// Detaches every owner, which discards the operations waiting on its connection.
    void abort_owners() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return occupancy_.size(); }
    [[nodiscard]] std::size_t half_open() const noexcept { return occupancy_.half_open().size(); }

    /// Returns roughly how many bytes closed handshakes and sessions have freed since the last nonzero
    /// result. Returns zero while that is less than `least`.
    [[nodiscard]] std::size_t take_freed(std::size_t least) noexcept { return occupancy_.take_freed(least); }

private:
    /// The entry of one peer. RFC 6347 4.2.8: a second handshake may run beside the session.
    struct slot {
        std::shared_ptr<connection> session;    ///< established or closing
        std::shared_ptr<connection> handshake;  ///< offered or half-open
        [[nodiscard]] bool empty() const noexcept { return !session && !handshake; }
    };
    using table = std::unordered_map<peer_key, slot, peer_hash>;

    // unknown_peers.cpp
    decision decide(const wire::path& path, wire::bytes datagram, time_point now, wire::outbox& out) noexcept;
    decision on_client_hello(const wire::path& path, const wire::client_hello_view& hello,
                             wire::bytes datagram, time_point now, wire::outbox& out) noexcept;
    decision challenge(const wire::path& path, const wire::client_hello_view& hello, time_point now,
                       wire::outbox& out) noexcept;
    decision send_version_alert(const wire::path& path, const wire::client_hello_view& hello, time_point now,
                                wire::outbox& out) noexcept;
    [[nodiscard]] capacity find_capacity(const wire::path& path, validation which,
                                         time_point now) const noexcept;
    decision admit(const wire::path& path, const wire::client_hello_view& hello, wire::bytes datagram,
                   const gate::verdict& verdict, bool offer, const capacity& found, time_point now,
                   wire::outbox& out) noexcept;
    void insert(const std::shared_ptr<dispatch::connection>& connection, bool with_id,
                const std::shared_ptr<dispatch::connection>& displaced);
    void update_load(time_point now) noexcept;

    // unvalidated_peers.cpp
    [[nodiscard]] bool may_fit(const wire::client_hello_view& hello, wire::bytes datagram) const noexcept;
    /// Runs `step(outbox)` and sends its output only within the amplification limit.
    template <typename Step>
    void within_amplification_limit(connection& connection, wire::outbox& out, Step step) noexcept;
    void flush(connection& connection, const buffering_outbox& buffered, wire::outbox& out) noexcept;
    /// Precondition: `exceeds_limit`.
    decision challenge_instead(connection& connection, time_point now, wire::outbox& out) noexcept;
    [[nodiscard]] static time_point end_of_response_time(const connection& connection) noexcept;
    [[nodiscard]] std::shared_ptr<connection> find_unvalidated(const wire::path& path) const noexcept;
    [[nodiscard]] static gate::amplification_limiter& limiter_of(connection& connection) noexcept;

    // transfer.cpp
    import_outcome index_imported(connection& connection) noexcept;

    // known_peers.cpp
    decision route_known_peer(const wire::path& path, wire::bytes datagram, time_point now,
                              wire::outbox& out) noexcept;
    std::optional<decision> route_new_handshake(const slot& known, const wire::path& path,
                                                const wire::record_view& record, wire::bytes rest,
                                                time_point now, wire::outbox& out) noexcept;
    sessions::record_result feed_slot(const slot& known, const wire::record_view& record, time_point now,
                                      wire::outbox& out) noexcept;
    sessions::record_result feed_connection(connection& connection, const wire::record_view& record,
                                            const wire::path& via, time_point now,
                                            wire::outbox& out) noexcept;
    sessions::record_result buffer_for_offer(connection& connection,
                                             const wire::record_view& record) noexcept;
    [[nodiscard]] std::size_t buffer_capacity_for(const connection& connection, std::size_t needed) noexcept;
    [[nodiscard]] static drop_reason drop_reason_for(std::size_t room, std::size_t record_size,
                                                     drop_reason reason) noexcept;

    // known_by_id.cpp
    [[nodiscard]] bool assigns_id(const wire::client_hello_view& hello,
                                  const wire::path& path) const noexcept;
    void assign_id(connection& connection);
    sessions::record_result route_by_id(const wire::record_view& record, const wire::path& via,
                                        time_point now, wire::outbox& out) noexcept;
    void confirm_or_remove_id(connection& connection) noexcept;
    void note_move(connection& connection, const wire::path& before) noexcept;
    bool index(connection& connection) noexcept;
    void unindex(connection& connection, const wire::path& path) noexcept;

    // steps.cpp
    [[nodiscard]] static bool runs_here(const connection& connection,
                                        const wire::record_view& record) noexcept;
    sessions::record_result buffer_for_step(connection& connection, const wire::record_view& record,
                                            time_point now, wire::outbox& out) noexcept;
    void begin_next_step(time_point now, wire::outbox& out) noexcept;

    // dispatcher.cpp
    void begin_handshake(connection& connection, wire::bytes datagram, time_point now, wire::outbox& out);
    template <typename Visit>
    void for_each_connection(Visit visit) const;
    [[nodiscard]] bool is_indexed(const connection& connection) const noexcept;
    void apply_transition(connection& connection, sessions::phase before) noexcept;
    void promote(connection& connection) noexcept;
    static std::shared_ptr<connection> replace_session(slot& held,
                                                       std::shared_ptr<connection> connection) noexcept;
    void abort(connection& connection, sessions::close_reason why) noexcept;
    void remove(connection& connection, bool was_session) noexcept;
    void reschedule(connection& connection) noexcept;
    [[nodiscard]] const slot* find(const wire::path& path) const noexcept;
    void update_gauges() noexcept;

    dependencies dependencies_;
    gate::load_meter load_;
    timer_wheel wheel_;
    dispatch::occupancy occupancy_;
    replaced_hellos replaced_hellos_;
    std::shared_ptr<sessions::message_pool> pool_;
    std::shared_ptr<sessions::move_config> move_config_;
    table table_;
    id_table ids_;
    std::size_t sessions_ = 0;
    wire::token_bucket version_alerts_;
    std::shared_ptr<connection> next_step_;  ///< connection with records that wait for the end of this call
    bool stopping_ = false;
};

/// Visits each connection once: those indexed by address, then those indexed by connection id only.
template <typename Visit>
void dispatcher::for_each_connection(Visit visit) const
{
    for (const auto& [key, held] : table_) {
        if (held.session) visit(*held.session);
        if (held.handshake) visit(*held.handshake);
    }
    ids_.for_each([&](connection& connection) {
        if (!is_indexed(connection)) visit(connection);
    });
}

template <typename Step>
void dispatcher::within_amplification_limit(connection& connection, wire::outbox& out, Step step) noexcept
{
    if (!connection.unvalidated()) return step(out);
    buffering_outbox buffered;
    step(buffered);
    flush(connection, buffered, out);
}

}  // namespace quivive::dispatch
