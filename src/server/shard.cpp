#include "server/shard.hpp"

#include "server/random_hash_key.hpp"
#include "server/scoped_flag.hpp"
#include "server/teardown.hpp"
#include "tls/cookies.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/random.hpp"

#include <algorithm>

namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

/// Limit of timers in one turn. Ending one handshake takes 40 us, and freeing its memory as long again.
constexpr std::size_t max_timers = 16;

std::optional<pool_workers> workers_of(std::shared_ptr<handshake_pool> pool)
{
    return pool ? std::optional<pool_workers>{std::in_place, std::move(pool)} : std::nullopt;
}

transport::buffers buffers_for(const std::vector<transport::udp_socket>& sockets)
{
    return std::ranges::any_of(sockets, &transport::udp_socket::coalescing) ? transport::buffers::coalesced
                                                                            : transport::buffers::single;
}

}  // namespace

shard::shard(runtime::shard_executor on, dependencies given)
    : session_host{std::move(on)},
      configured_{std::move(given.configured)},
      ciphers_{
          std::make_shared<record::aead_cache>(tls::make_gnutls_aead, configured_->limits().ready_ciphers)},
      trace_{configured_->config().trace},
      acceptor_{std::move(given.acceptor)},
      group_{std::move(given.group)},
      state_{std::move(given.state)},
      max_handoffs_{configured_->limits().max_handed_over},
      log_{std::move(given.log)},
      gate_{configured_->rules(), tls::make_gnutls_cookies(), configured_->make_keys(clock::now())},
      batch_{configured_->limits().max_datagram_bytes, 32, {}, buffers_for(given.sockets)},
      workers_{workers_of(std::move(given.pool))},
      dispatcher_{{connection_config(),
                   gate_,
                   *this,
                   counters_,
                   random_hash_key(),
                   work_,
                   {group_->codec(), given.index, tls::fill_random},
                   workers_ ? &*workers_ : nullptr},
                  clock::now()},
      timer_{executor().io_executor()},
      trimmer_{std::make_shared<trimmer>(executor())}
{
    for (auto& socket : given.sockets)
        ports_.push_back(std::make_unique<udp_port_io>(
            executor(), std::move(socket), configured_->limits().send_queue_datagrams, counters_));
}

shard::~shard() = default;

/// Returns the configured settings, with the ciphers of this thread.
dispatch::connection_config shard::connection_config() const
{
    auto config = configured_->connection_config();
    if (configured_->config().record_layer == record_layer::detached) config.handshakes.ciphers = ciphers_;
    return config;
}

void shard::use(std::shared_ptr<const config_snapshot> configured, std::unique_ptr<gate::cookie_keys> keys)
{
    configured_ = std::move(configured);
    if (configured_->connection_config().ids.enabled) group_->expect_ids();
    gate_.use(configured_->rules());
    if (keys) gate_.use(std::move(keys));
    dispatcher_.use(group_->codec());
    dispatcher_.use(connection_config());
    refusals_.clear();
    rearm();
}

void shard::serve(std::shared_ptr<session_handler> handler)
{
    if (handler) handler_ = std::move(handler);
    context_ = std::make_shared<const session_context>(
        session_context{executor(), handler_, weak_from_this(), errc::server_stopped});
    if (workers_) workers_->return_to(weak_from_this());
    if (std::exchange(reading_, true) || closed_) return;
    teardown::watch(executor().context(), shared_from_this());
    for (auto& saved : std::exchange(pending_imports_, {})) import_session(std::move(saved));
    for (std::size_t i = 0; i < ports_.size(); ++i) wait_readable(i);
}

void shard::send(const wire::path& to, wire::bytes datagram) noexcept
{
    if (trace_) trace_flight(trace_kind::sent, to, datagram);
    ports_[to.socket]->push(to, datagram);
}

/// Acts on events, sends queued datagrams, sets the timer. Called after anything that may cause these.
void shard::finish_turn()
{
    if (in_turn_) return;
    if (!quiesced_.active) run_turn();
    for (std::size_t i = 0; i < ports_.size(); ++i)
        if (!ports_[i]->flush()) wait_writable(i);
    if (quiesced_.active) return;  // `on_export_finished` starts the next turn
    rearm();
    if (has_more_to_do()) post_finish_turn();
    if (stopping_ && dispatcher_.size() == 0) close_all();
}

void shard::run_turn()
try {
    const scoped_flag in_turn{in_turn_};
    auto quota = ready_work_per_turn;
    handle_events(quota);
} catch (...) {  // thrown by a handler
    post_finish_turn();
    throw;
}

void shard::wait_writable(std::size_t socket)
{
    ports_[socket]->wait_writable([self = shared_from_this()](error_code error) {
        if (!self->closed_ && !error) self->finish_turn();
    });
}

/// Resumes waiting sends. Each socket gets an equal part of the work limit.
void shard::resume_senders(std::size_t& quota)
{
    const auto share = std::max<std::size_t>(1, quota / ports_.size());
    for (const auto& port : ports_)
        for (auto left = std::min(share, quota); left > 0; --left, --quota) {
            auto* const next = port->next_sender();
            if (!next) break;
            next->on_send_capacity();
        }
}

/// Returns whether there is work that needs no further event.
bool shard::has_more_to_do() const noexcept
{
    return !ready_.empty() ||
           std::ranges::any_of(ports_, [](const auto& port) { return port->can_send_queued(); });
}

/// Posts `finish_turn`, so that many sends of one handler leave together.
void shard::post_finish_turn()
{
    if (in_turn_ || std::exchange(turn_posted_, true)) return;
    asio::post(executor().any_executor(), [self = shared_from_this()] {
        self->turn_posted_ = false;
        self->finish_turn();
    });
}

void shard::rearm()
{
    if (closed_ || quiesced_.active) return;
    timer_.arm(std::min(dispatcher_.next_wake(), stop_at_),
               [self = shared_from_this()] { self->on_timer(); });
}

void shard::on_timer()
{
    if (closed_ || quiesced_.active) return;
    {
        const scoped_flag in_turn{in_turn_};
        run_timers(clock::now());
    }
    finish_turn();
}

void shard::run_timers(time_point now)
{
    if (now >= dispatcher_.next_wake()) {
        const auto before = dispatcher_.size();
        dispatcher_.advance(now, *this, max_timers);
        if (dispatcher_.size() < before) sort_freed_blocks();
    }
    if (now < stop_at_) return;
    stop_at_ = no_deadline;
    dispatcher_.close_all(sessions::close_reason::server_stopped, now, *this);
}

void shard::stop(std::chrono::milliseconds within, std::function<void()> done)
{
    if (done) stopped_ = std::move(done);
    if (closed_) return;
    stopping_ = true;
    dispatcher_.refuse_new_handshakes();
    stop_at_ = std::min(stop_at_, clock::now() + within);
    // Within a turn the dispatcher may be on the call stack. The end of the turn then sets the timer.
    if (!in_turn_) on_timer();
}

void shard::close_all()
{
    if (std::exchange(closed_, true)) return;
    timer_.cancel();
    trimmer_->stop();
    for (auto& port : ports_) port->close();
    if (stopped_) stopped_();
}

void shard::accept(dispatch::connection& connection)
{
    {
        const scoped_flag in_turn{in_turn_};
        dispatcher_.accept(connection, clock::now(), *this);
    }
    post_finish_turn();
}

void shard::refuse(dispatch::connection& connection, bool send_alert)
{
    {
        const scoped_flag in_turn{in_turn_};
        dispatcher_.refuse(connection, send_alert, *this);
    }
    post_finish_turn();
}

void shard::step_done(std::unique_ptr<dispatch::handshake_step> step) noexcept
try {
    executor().post([self = shared_from_this(), done = std::move(step)]() mutable {
        self->on_step_done(std::move(done));
    });
} catch (const std::bad_alloc&) {  // this handshake does not continue, and times out
}

void shard::on_step_done(std::unique_ptr<dispatch::handshake_step> step)
{
    if (closed_) return;
    if (quiesced_.active) return quiesced_.steps.push_back(std::move(step));
    {
        const scoped_flag in_turn{in_turn_};
        dispatcher_.on_step_done(std::move(step), clock::now(), *this);
    }
    post_finish_turn();
}

record::sealed shard::send(sessions::association& association, wire::bytes message) noexcept
{
    const auto sealed = [&] {
        const scoped_flag in_turn{in_turn_};
        return dispatcher_.send(static_cast<dispatch::connection&>(association), message, clock::now(),
                                *this);
    }();
    post_finish_turn();
    return sealed;
}

void shard::close(sessions::association& association) noexcept
{
    auto& connection = static_cast<dispatch::connection&>(association);
    if (quiesced_.active) return quiesced_.closing.push_back(connection.shared_from_this());
    {
        const scoped_flag in_turn{in_turn_};
        dispatcher_.close(connection, sessions::close_reason::closed_here, clock::now(), *this);
    }
    post_finish_turn();
}

void shard::confirm_peer(sessions::association& association) noexcept { association.validate_path(); }

void shard::defer(ready_work work)
{
    ready_.add(std::move(work));
    post_finish_turn();
}

void shard::abort() noexcept
{
    closed_ = true;
    trimmer_->stop();
    ready_.clear();
    quiesced_ = {};
    dispatcher_.abort_owners();
}

bool shard::can_send(const sessions::association& association) noexcept
{
    return !quiesced_.active && ports_[association.path().socket]->can_send();
}

void shard::enqueue_send(const sessions::association& association, waiting_send& last) noexcept
{
    ports_[association.path().socket]->send_queue().push(last);
    post_finish_turn();
}

}  // namespace quivive::runtime
