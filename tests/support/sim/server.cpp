#include "support/sim/server.hpp"

#include "gate/key_ring.hpp"
#include "tls/cookies.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/random.hpp"

namespace quivive::test::sim {

using namespace std::chrono_literals;

namespace {

tls::handshake_settings handshakes_of(const server_settings& settings,
                                      std::shared_ptr<record::aead_cache> ciphers)
{
    tls::handshake_settings chosen;
    chosen.retransmit_first = settings.limits.retransmit_first;
    chosen.repeat_interval = settings.limits.repeat_interval;
    chosen.repeat_burst = settings.limits.repeat_burst;
    chosen.early_records = settings.limits.early_records;
    chosen.max_message_bytes = settings.limits.max_handshake_message_bytes;
    if (settings.detached) chosen.ciphers = std::move(ciphers);
    return chosen;
}

}  // namespace

std::string message_of(const wire::endpoint& sender, unsigned session, unsigned number, std::size_t size)
{
    std::string text;
    for (const auto b : sender.v4_bytes()) text += std::to_string(std::to_integer<int>(b)) + '.';
    text += ':' + std::to_string(sender.port) + ' ' + std::to_string(session) + ' ' + std::to_string(number) +
            ' ';
    text.resize(std::max(text.size(), size), '.');
    return text;
}

server::server(schedule& time, seeded_random& random, const server_settings& settings,
               std::shared_ptr<const tls::context> context, way_out out)
    : audit{settings_.limits,
            settings.policy.exchange,
            settings.ids.moves,
            !settings.shared_networks.empty(),
            2 * settings.policy.rotate_every,
            time.now()},
      time_{time},
      random_{random},
      settings_{settings},
      context_{std::move(context)},
      ciphers_{std::make_shared<record::aead_cache>(tls::make_gnutls_aead, settings.limits.ready_ciphers)},
      out_{std::move(out)},
      gate_{std::make_shared<const gate::rule_table>(settings.policy), tls::make_gnutls_cookies(),
            std::make_unique<gate::key_ring>(settings.policy.rotate_every, tls::fill_random, time.now())},
      dispatcher_{make_dispatcher()}
{
    for (const auto wait : settings_.restarts) time_.after(wait, [this] { restart(); });
}

std::unique_ptr<dispatch::dispatcher> server::make_dispatcher()
{
    return std::make_unique<dispatch::dispatcher>(
        dispatch::dispatcher::dependencies{
            {std::make_shared<const quivive::limits>(settings_.limits), handshakes_of(settings_, ciphers_),
             context_, settings_.policy.adaptive, settings_.ids,
             std::make_shared<const gate::move_rules>(settings_.ids, settings_.shared_networks)},
            gate_,
            *this,
            counters_,
            {random_.next(), random_.next()},
            meter_,
            {dispatch::id_codec{{3, 4}, id_size, 1}, 0, tls::fill_random},
            settings_.slow_steps > duration{} ? this : nullptr},
        time_.now());
}

server::~server() = default;

void server::take(const wire::path& from, const octets& datagram)
{
    audit.will_route(from, datagram);
    audit.routed(dispatcher_->route(from, datagram, time_.now(), *this));
    step_over();
}

/// Does the work of the handshake threads at random times. One step in eight runs out of memory.
std::unique_ptr<dispatch::handshake_step> server::take(
    std::unique_ptr<dispatch::handshake_step> step) noexcept
{
    if (random_.chance(0.125)) return step;
    ++steps_of(*step);
    audit.begins_step(step->connection());
    const auto kept = std::make_shared<std::unique_ptr<dispatch::handshake_step>>(std::move(step));
    time_.after(settings_.slow_steps * random_.between(0, 100) / 100,
                [this, kept, of = restarts_] { take_back(std::move(*kept), of); });
    return nullptr;
}

std::size_t& server::steps_of(const dispatch::handshake_step& step) noexcept
{
    return step.validation() == dispatch::validation::validated ? proven_steps_ : unvalidated_steps_;
}

/// `of`: the number of restarts when the step began. A later server ignores the steps of a former one.
void server::take_back(std::unique_ptr<dispatch::handshake_step> step, unsigned of)
{
    --steps_of(*step);
    audit.ends_step(step->connection());
    if (of != restarts_) return;
    step->run(time_.now(), meter_);
    dispatcher_->on_step_done(std::move(step), time_.now(), *this);
    step_over();
}

bool server::knows_session_of(const wire::endpoint& peer) const
{
    return std::ranges::any_of(sessions_, [&](const auto& each) { return each->path().peer == peer; });
}

void server::step_over()
{
    for (const auto& connection : std::exchange(readable_, {})) {
        if (dozing_.contains(connection.get())) continue;
        if (!random_.chance(settings_.dozes)) {
            read(connection);
            continue;
        }
        dozing_.insert(connection.get());
        time_.after(random_.between(1, 3'000) * 1ms,
                    [this, weak = std::weak_ptr{connection}, key = connection.get()] {
                        dozing_.erase(key);
                        if (const auto awake = weak.lock()) read(awake);
                        step_over();
                    });
    }
    audit.step_over(counted(), *dispatcher_);
    sleep();
}

void server::read(const std::shared_ptr<dispatch::connection>& connection)
{
    std::size_t count = 0, bytes = 0;
    while (!connection->messages().empty()) {
        const auto message = connection->messages().pop();
        ++count;
        bytes += message->size;
        act_on(*connection, message->bytes());
    }
    audit.hold(count <= settings_.limits.receive_queue_messages,
               "a queue holds more messages than its limit");
    audit.hold(bytes <= settings_.limits.receive_queue_bytes, "a queue holds more bytes than its limit");
}

void server::act_on(dispatch::connection& connection, wire::bytes message)
{
    const std::string text{wire::as_text(message)};
    const auto sender = message_of(audit.begun_at(connection), 0, 0, 0);
    audit.hold(text.starts_with(sender.substr(0, sender.find(' ') + 1)), "a session has another peer's data");
    audit.hold(audit.was_said(text), "a message arrives that no client has sent");
    audit.hold(read_before_[&connection].insert(text.substr(0, text.find_last_not_of('.') + 1)).second,
               "a message is delivered twice (RFC 6347 4.1.2.6)");
    if (!connection.is_open()) return;
    if (random_.chance(settings_.closes)) {
        audit.server_closes(audit.begun_at(connection));
        return dispatcher_->close(connection, sessions::close_reason::closed_here, time_.now(), *this);
    }
    (void)dispatcher_->send(connection, message, time_.now(), *this);
    if (settings_.news > 0 && random_.chance(settings_.news)) tell_news(connection);
}

void server::tell_news(dispatch::connection& connection)
{
    for (auto left = random_.between(1, 8); left > 0 && connection.is_open(); --left) {
        auto text = std::string{news} + std::to_string(++news_) + ' ';
        text.resize(random_.between(text.size(), 600), '.');
        (void)dispatcher_->send(connection, wire::as_bytes(text), time_.now(), *this);
    }
}

/// Sets a timer for the dispatcher's next wake time.
void server::sleep()
{
    const auto next = dispatcher_->next_wake();
    if (next >= alarm_) return;
    alarm_ = next;
    time_.at(next, [this] { wake(); });
}

void server::wake()
{
    if (time_.now() < alarm_) return;  // an outdated timer, replaced by an earlier one
    alarm_ = no_deadline;
    dispatcher_->advance(time_.now(), *this);
    audit.hold(dispatcher_->next_wake() > time_.now(), "a timer that is due again at once");
    step_over();
}

void server::send(const wire::path& to, wire::bytes datagram) noexcept
{
    audit.sent(to, datagram);
    out_(to, {datagram.begin(), datagram.end()});
}

dispatch::admission_action server::admit(const wire::client_hello_view& hello, const wire::path& from,
                                         const gate::verdict& verdict, const load&) noexcept
{
    audit.admitted(hello, from, verdict.validated);
    return dispatch::admission_action::accept;
}

void server::established(dispatch::connection& connection) noexcept
{
    sessions_.push_back(connection.shared_from_this());
    if (!arriving_) return audit.established(connection);
    read_before_[&connection] = std::move(arriving_->read_before);
    audit.imported(connection, arriving_->begun_at);
}

void server::readable(dispatch::connection& connection) noexcept
{
    if (const auto count = counters_.messages_received.get(); count != messages_) {
        messages_ = count;
        audit.heard(connection);
    }
    readable_.push_back(connection.shared_from_this());
}

void server::ended(dispatch::connection& connection, bool was_session) noexcept
{
    const auto keep = connection.shared_from_this();
    using sessions::close_reason;
    if (was_session) std::erase(sessions_, keep);
    if (was_session && connection.close_reason() != close_reason::replaced &&
        connection.close_reason() != close_reason::exported)
        audit.server_closes(audit.begun_at(connection));
    std::erase(readable_, keep);
    dozing_.erase(&connection);
    read_before_.erase(&connection);
    audit.ended(keep, was_session);
}

}  // namespace quivive::test::sim
