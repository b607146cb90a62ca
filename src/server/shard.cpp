#include "server/shard.hpp"

#include "server/teardown.hpp"
#include "tls/cookies.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/random.hpp"

#include <algorithm>

namespace quivive::detail {

namespace asio = boost::asio;

namespace {

/// Datagrams read before other work of the thread gets its turn.
constexpr int batches_per_turn = 8;

/// How long handshakes take. The monotonic clock costs 30 ns a look, the thread's CPU time a system call, and
/// they differ only by what the machine takes away, which is a load too.
duration time_of_work() noexcept { return clock::now().time_since_epoch(); }

dispatch::hash_key random_hash_key()
{
    dispatch::hash_key key;
    tls::fill_random(std::as_writable_bytes(std::span{&key, 1}));
    return key;
}

}  // namespace

shard::shard(detail::home where, parts given)
    : session_host{std::move(where)},
      configured_{std::move(given.configured)},
      ciphers_{
          std::make_shared<record::aead_cache>(tls::make_gnutls_aead, configured_->limits().ready_ciphers)},
      trace_{configured_->config().trace},
      acceptor_{std::move(given.acceptor)},
      crew_{std::move(given.crew)},
      state_{std::move(given.state)},
      max_handed_over_{configured_->limits().max_handed_over},
      log_{std::move(given.log)},
      gate_{configured_->rules(), tls::make_gnutls_cookies(), configured_->make_keys(clock::now())},
      batch_{configured_->limits().max_datagram_bytes},
      dispatcher_{{terms(),
                   gate_,
                   *this,
                   counters_,
                   random_hash_key(),
                   time_of_work,
                   {crew_->codec(), given.place, tls::fill_random}},
                  clock::now()},
      timer_{home().executor()}
{
    for (auto& socket : given.sockets)
        ports_.push_back(std::make_unique<port>(home(), std::move(socket),
                                                configured_->limits().send_queue_datagrams, counters_));
}

shard::~shard() = default;

/// The configuration's, with ciphers of this thread's own.
dispatch::terms shard::terms() const
{
    auto terms = configured_->terms();
    if (configured_->config().record_layer == record_layer::detached) terms.handshakes.ciphers = ciphers_;
    return terms;
}

void shard::use(std::shared_ptr<const generation> configured, std::unique_ptr<gate::cookie_keys> keys)
{
    configured_ = std::move(configured);
    gate_.use(configured_->rules());
    if (keys) gate_.use(std::move(keys));
    dispatcher_.use(terms());
    rearm();
}

void shard::serve(std::shared_ptr<session_handler> handler)
{
    if (handler) handler_ = std::move(handler);
    anchor_ = std::make_shared<const session_anchor>(session_anchor{home(), handler_, weak_from_this()});
    if (std::exchange(reading_, true) || closed_) return;
    teardown::watch(home().context(), shared_from_this());
    for (auto& saved : std::exchange(arrivals_, {})) adopt(std::move(saved));
    for (std::size_t i = 0; i < ports_.size(); ++i) wait_readable(i);
}

void shard::wait_readable(std::size_t socket)
{
    ports_[socket]->wait_readable([self = shared_from_this(), socket](error_code error) {
        if (self->closed_ || error) return;
        if (self->paused_) return self->unwatched_.push_back(socket);
        self->read(socket);
    });
}

void shard::read(std::size_t socket)
{
    in_turn_ = true;
    for (int i = 0; i < batches_per_turn && !closed_; ++i) {
        const auto datagrams = batch_.receive(ports_[socket]->socket());
        for (const auto& datagram : datagrams) take(datagram, socket);
        work_off([this](shard_event& event) { act(event); });
        if (datagrams.size() < batch_.slots()) break;
    }
    in_turn_ = false;
    finish_turn();
    if (!closed_) wait_readable(socket);
}

void shard::take(const transport::received_datagram& datagram, std::size_t socket)
{
    if (datagram.truncated) return dispatcher_.drop(datagram.data.size(), drop_reason::oversized_datagram);
    const wire::path path{datagram.local, datagram.peer, static_cast<std::uint32_t>(socket)};
    if (const auto owner = crew_->owner_of(datagram.data, path, *this,
                                           [this](const wire::path& at) { return dispatcher_.knows(at); })) {
        if (!owner->hand_over(datagram.data, path))
            dispatcher_.drop(datagram.data.size(), drop_reason::handoff_full);
        return;
    }
    take(path, datagram.data);
}

void shard::take(const wire::path& path, wire::bytes datagram)
{
    if (trace_) trace_flight(trace_kind::received, path, datagram);
    dispatcher_.route(path, datagram, clock::now(), *this);
}

bool shard::hand_over(wire::bytes datagram, const wire::path& path)
{
    const auto waiting = handed_over_.fetch_add(1, std::memory_order_relaxed);
    if (waiting >= max_handed_over_) {
        handed_over_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    home().post(
        [self = shared_from_this(), copy = std::vector<std::byte>{datagram.begin(), datagram.end()}, path] {
            self->handed_over_.fetch_sub(1, std::memory_order_relaxed);
            if (self->closed_) return;
            self->take(path, copy);
            self->finish_turn();
        });
    return true;
}

void shard::send(const wire::path& to, wire::bytes datagram) noexcept
{
    if (trace_) trace_flight(trace_kind::sent, to, datagram);
    ports_[to.socket]->push(to, datagram);
}

/// After anything that may have decided, sent or scheduled: act on it, send it, set the timer.
void shard::finish_turn()
{
    if (in_turn_) return;
    work_off([this](shard_event& event) { act(event); });
    for (std::size_t i = 0; i < ports_.size(); ++i)
        if (!ports_[i]->flush()) wait_writable(i);
    rearm();
    if (stopping_ && dispatcher_.size() == 0) close_all();
}

void shard::wait_writable(std::size_t socket)
{
    ports_[socket]->wait_writable([self = shared_from_this()](error_code error) {
        if (self->closed_ || error) return;
        self->finish_turn();
        for (const auto& weak : std::exchange(self->congested_, {}))
            if (const auto core = weak.lock()) core->on_writable();
        self->finish_turn();
    });
}

/// The same once what runs now has returned: many sends of one handler then leave together.
void shard::later_finish_turn()
{
    if (in_turn_ || std::exchange(turn_posted_, true)) return;
    asio::post(home().executor(), [self = shared_from_this()] {
        self->turn_posted_ = false;
        self->finish_turn();
    });
}

void shard::rearm()
{
    if (closed_) return;
    timer_.arm(std::min(dispatcher_.next_wake(), stop_at_),
               [self = shared_from_this()] { self->on_timer(); });
}

void shard::on_timer()
{
    if (closed_) return;
    const auto now = clock::now();
    in_turn_ = true;
    dispatcher_.advance(now, *this);
    if (now >= stop_at_) {
        stop_at_ = no_deadline;
        dispatcher_.end_all(sessions::ending::server_stopped, *this);
    }
    in_turn_ = false;
    finish_turn();
}

void shard::stop(std::chrono::milliseconds within, std::function<void()> done)
{
    if (done) stopped_ = std::move(done);
    if (closed_) return;
    stopping_ = true;
    dispatcher_.refuse_newcomers();
    if (within.count() > 0)
        stop_at_ = std::min(stop_at_, clock::now() + within);
    else
        dispatcher_.end_all(sessions::ending::server_stopped, *this);
    finish_turn();
}

void shard::close_all()
{
    if (std::exchange(closed_, true)) return;
    timer_.cancel();
    for (auto& port : ports_) port->close();
    if (stopped_) stopped_();
}

void shard::accept(dispatch::member& who)
{
    dispatcher_.accept(who, clock::now(), *this);
    later_finish_turn();
}

void shard::refuse(dispatch::member& who, bool tell_peer)
{
    dispatcher_.refuse(who, tell_peer, *this);
    later_finish_turn();
}

record::sealed shard::send(sessions::association& who, wire::bytes message) noexcept
{
    const auto sealed = dispatcher_.send(static_cast<dispatch::member&>(who), message, *this);
    later_finish_turn();
    return sealed;
}

void shard::close(sessions::association& who) noexcept
{
    dispatcher_.close(static_cast<dispatch::member&>(who), sessions::ending::closed_here, clock::now(),
                      *this);
    later_finish_turn();
}

void shard::confirm_peer(sessions::association& who) noexcept { who.prove_path(); }

void shard::let_go() noexcept
{
    closed_ = true;
    dispatcher_.release_owners();
}

bool shard::congested(const sessions::association& who, session_core& waiting) noexcept
{
    if (!ports_[who.path().socket]->congested()) return false;
    congested_.push_back(waiting.weak_from_this());
    return true;
}

}  // namespace quivive::detail
