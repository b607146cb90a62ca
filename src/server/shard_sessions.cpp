#include "server/shard.hpp"

#include "observe/flight_names.hpp"
#include "server/address.hpp"
#include "server/attempt_core.hpp"
#include "server/close_error.hpp"
#include "server/failure.hpp"
#include "server/session_facts.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/system/system_error.hpp>

#include <new>
#include <utility>

namespace quivive::runtime {

namespace asio = boost::asio;

namespace {

client_hello describe(const wire::client_hello_view& hello, const wire::path& path, bool validated,
                      const load& load) noexcept
{
    return {
        .local = to_asio(path.local),
        .peer = to_asio(path.peer),
        .server_name = wire::server_name(hello),
        .alpn = wire::alpn_protocols(hello),
        .session_id = hello.session_id,
        .ticket_offered = wire::offers_ticket(hello),
        .cookie_proven = validated,
        .load = load,
    };
}

std::string text_of(const load& load)
{
    return std::to_string(load.half_open) + " handshakes in progress, " +
           std::to_string(load.hellos_per_second) + " hellos a second, " +
           std::to_string(load.handshake_cpu_percent) + " % of the CPU";
}

/// Returns a higher level for failures that indicate a wrong setup on either side.
log_level level_of_failure(const error_code& why) noexcept
{
    if (why == errc::server_name_rejected || why == errc::wrong_key) return log_level::warning;
    if (why == errc::certificate_rejected || why == errc::no_extended_master_secret ||
        why == errc::no_secure_renegotiation)
        return log_level::info;
    return log_level::debug;
}

/// Less free memory is soon reused, so trimming it does not justify the page faults.
constexpr std::size_t min_to_trim = 1'048'576;

/// Returns the text of an exception. Returns an empty text when the exception only repeats the end of the
/// session, thrown by `use_awaitable` from one of its operations.
std::string describe_failure(const std::exception_ptr& thrown, const session_core& core)
try {
    std::rethrow_exception(thrown);
} catch (const boost::system::system_error& error) {
    return core.has_reported(error.code()) ? std::string{} : error.what();
} catch (...) {
    return text_of_failure();
}

}  // namespace

dispatch::admission_action shard::admit(const wire::client_hello_view& hello, const wire::path& path,
                                        const gate::verdict& verdict, const load& load) noexcept
{
    if (!handler_)
        return acceptor_->has_capacity(dispatch::validation_of(verdict))
                   ? dispatch::admission_action::offer
                   : dispatch::admission_action::queue_full;
    try {
        switch (handler_->admit(describe(hello, path, verdict.validated, load))) {
            case admission::by_policy:
            case admission::admit:
                return dispatch::admission_action::accept;
            case admission::challenge:
                return dispatch::admission_action::challenge;
            case admission::drop:
                break;
        }
    } catch (...) {
        report("admit()", text_of_failure());
    }
    return dispatch::admission_action::refuse;
}

/// Logs both changes as warnings, so that a log with the beginning of high load also has its end.
void shard::load_changed(const load& now) noexcept
try {
    std::string line = now.high ? "high load" : "normal load again";
    if (configured_->rules()->has(cookie_exchange::adaptive))
        line += now.high ? ", adaptive networks are challenged" : ", adaptive networks are admitted";
    log_.write(log_level::warning, line + ": " + text_of(now), clock::now());
} catch (const std::bad_alloc&) {  // the line is lost
}

void shard::share_reached(const wire::endpoint& peer, const dispatch::reached_share& share) noexcept
try {
    refusals_.note(peer, share, {configured_->config().limits, configured_->shards()}, log_, clock::now());
} catch (const std::bad_alloc&) {  // it may be logged later
}

void shard::handle_event(shard_event& event)
{
    using kind = shard_event::kind;
    switch (event.what) {
        case kind::offered:
            return offer(event.connection, std::move(event.server_name));
        case kind::established:
            return establish(event.connection);
        case kind::readable:
            if (const auto owner = event.connection->owner) owner->on_readable();
            return;
        case kind::moved:
            return move(*event.connection, event.before, event.after);
        case kind::ended_handshake:
            return on_connection_removed(*event.connection, false);
        case kind::ended_session:
            return on_connection_removed(*event.connection, true);
    }
}

void shard::offer(const std::shared_ptr<dispatch::connection>& connection, std::string server_name)
{
    if (connection->phase() != sessions::phase::offered)
        return;  // the peer has started a new handshake since
    auto core = std::make_shared<attempt_core>(
        shared_from_this(), connection,
        attempt_core::facts{to_asio(connection->path().local), to_asio(connection->path().peer),
                            connection->validated, std::move(server_name)});
    connection->owner = core;
    core->accept_number = acceptor_->offer(
        attempt_core::make_handle(core),
        connection->unvalidated() ? dispatch::validation::unvalidated : dispatch::validation::validated);
}

void shard::displace(dispatch::connection& connection)
{
    dispatcher_.displace(connection);
    post_finish_turn();
}

void shard::establish(const std::shared_ptr<dispatch::connection>& connection)
{
    auto facts = connection->take_facts();
    if (!facts) return;
    const bool begun_here = !facts->imported, without_ems = begun_here && !facts->extended_master_secret;
    if (begun_here && facts->resumed) counters_.resumptions.add();
    if (without_ems) counters_.sessions_without_ems.add();
    trace(trace_kind::established, connection->path(), 0, facts->cipher_suite);

    auto core = std::make_shared<session_core>(shared_from_this(), context_, connection, std::move(*facts),
                                               connection->validated, &known_);
    if (log_.wants(log_level::info))
        log_.write(log_level::info,
                   "session with " + to_string(to_asio(connection->path().peer)) + " " +
                       core->cipher_suite() +
                       (without_ems ? ", without an extended master secret (RFC 7627)" : ""),
                   clock::now());
    const auto attempt = std::dynamic_pointer_cast<attempt_core>(std::exchange(connection->owner, core));
    if (attempt)
        attempt->on_established(session_core::make_handle(core));
    else
        run_handler(core);
}

void shard::run_handler(const std::shared_ptr<session_core>& core)
{
    // Every waiting session stores this state. So no coroutine wraps the handler's own, and the completion
    // handler stores one pointer, uses a stateless executor, and dispatches to the shard itself.
    auto after = [core](const std::exception_ptr& thrown) {
        const auto shard = thrown ? core->context().owning_shard.lock() : nullptr;
        if (shard) shard->executor().run([shard, core, thrown] { shard->handler_failed(thrown, *core); });
    };
    try {
        asio::co_spawn(executor().any_executor(), handler_->run(session_core::make_handle(core)),
                       asio::bind_executor(asio::system_executor{}, std::move(after)));
    } catch (...) {
        handler_failed(std::current_exception(), *core);
    }
}

void shard::handler_failed(const std::exception_ptr& thrown, const session_core& core)
{
    const auto failure = describe_failure(thrown, core);
    if (!failure.empty()) report("the handler of " + to_string(core.info().peer), failure);
}

void shard::callback_failed(const std::exception_ptr& thrown, const session_core& core)
{
    const auto failure = describe_failure(thrown, core);
    if (!failure.empty()) report("a completion handler of " + to_string(core.info().peer), failure);
}

void shard::callback_failed() noexcept
try {
    report("a completion handler", text_of_failure());
} catch (...) {  // counted but not logged
}

/// Counts and logs an exception of the application's code. `failure`: its text.
void shard::report(std::string_view source, std::string_view failure)
{
    counters_.handler_exceptions.add();
    log_.write(log_level::error, std::string{source} + " threw: " + std::string{failure}, clock::now());
}

void shard::move(const dispatch::connection& connection, const wire::path& before, const wire::path& after)
{
    const auto core = std::dynamic_pointer_cast<session_core>(connection.owner);
    if (!core) return;
    const auto then = to_asio(before.peer), now = to_asio(after.peer);
    trace(trace_kind::moved, after, 0, to_string(then));
    if (log_.wants(log_level::info))
        log_.write(log_level::info, "session with " + to_string(then) + " is at " + to_string(now) + " now",
                   clock::now());
    if (handler_) handler_->moved(core->info(), then, now);
}

void shard::on_connection_removed(dispatch::connection& connection, bool was_session)
{
    const auto owner = std::exchange(connection.owner, nullptr);
    const auto why = error_of(connection);
    const auto text = explain(connection);
    trace(was_session ? trace_kind::closed : trace_kind::failed, connection.path(), 0, text);
    const auto level = was_session ? log_level::info : level_of_failure(why);
    if (log_.wants(level))
        log_.write(level,
                   (was_session ? "session with " : "no handshake with ") +
                       to_string(to_asio(connection.path().peer)) + (was_session ? " ended: " : ": ") + text,
                   clock::now());

    if (const auto attempt = std::dynamic_pointer_cast<attempt_core>(owner)) {
        attempt->on_end(why);
        acceptor_->remove(attempt->accept_number);
    }
    if (const auto core = std::dynamic_pointer_cast<session_core>(owner)) {
        core->on_end(why);
        if (core->imported()) group_->remove_import(connection.path(), connection.id);
        if (handler_) handler_->closed(core->info(), why);
    }
}

void shard::trim_memory() noexcept
{
    const auto freed = dispatcher_.take_freed(min_to_trim);
    if (freed == 0 || closed_) return;
    trimmer_->begin(freed);
    if (workers_) workers_->trim(freed);
}

void shard::trace(trace_kind kind, const wire::path& path, std::size_t bytes, std::string_view text) const
{
    if (trace_) trace_({kind, clock::now(), to_asio(path.local), to_asio(path.peer), bytes, text});
}

void shard::trace_flight(trace_kind kind, const wire::path& path, wire::bytes datagram) const
{
    observe::name_buffer buffer;
    const auto names = observe::name_flight(datagram, buffer);
    if (!names.empty()) trace(kind, path, datagram.size(), names);
}

}  // namespace quivive::runtime
