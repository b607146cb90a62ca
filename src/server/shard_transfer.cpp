#include "server/shard.hpp"

#include "server/address.hpp"
#include "server/export_job.hpp"
#include "server/failure.hpp"
#include "server/scoped_flag.hpp"
#include "server/session_blob.hpp"
#include "server/session_facts.hpp"

#include <utility>

// Export and import of sessions of this shard.
namespace quivive::runtime {

namespace {

std::string_view text_of(dispatch::import_outcome result) noexcept
{
    switch (result) {
        case dispatch::import_outcome::imported:
            break;
        case dispatch::import_outcome::no_capacity:
            return "limits.max_sessions is reached, or the server is stopping";
        case dispatch::import_outcome::in_use:
            return "another session has its address or its connection id";
        case dispatch::import_outcome::unreadable_id:
            return "the length of its connection id is not connection_ids.length";
    }
    return {};
}

}  // namespace

/// Returns the session as a blob, including the facts of the layers above. Empty when the session cannot be
/// exported.
std::optional<std::vector<std::byte>> shard::blob_of(const dispatch::connection& connection,
                                                     const state_folder& sealed_for,
                                                     std::vector<std::byte> application) const
{
    const auto core = std::dynamic_pointer_cast<session_core>(connection.owner);
    auto saved = core ? dispatcher_.save(connection, clock::now()) : std::nullopt;
    if (!saved) return std::nullopt;
    saved->facts = core->facts();
    saved->facts.application = std::move(application);
    return seal_session(sealed_for, *saved);
}

void shard::export_sessions(export_job& to)
{
    sealed_blobs blobs;
    if (!closed_) {
        read_remaining();
        quiesced_.active = true;
        dispatcher_.for_each_session([&](const dispatch::connection& connection) {
            copy_session(connection, to.sealed_for(), blobs);
        });
    }
    to.add(std::move(blobs));
}

void shard::copy_session(const dispatch::connection& connection, const state_folder& sealed_for,
                         sealed_blobs& blobs)
try {
    const auto core = std::dynamic_pointer_cast<session_core>(connection.owner);
    if (!core) return;
    auto blob = blob_of(connection, sealed_for,
                        handler_ ? handler_->export_state(core->info()) : std::vector<std::byte>{});
    if (!blob) return;
    quiesced_.exported.push_back(
        std::const_pointer_cast<dispatch::connection>(connection.shared_from_this()));
    blobs.push_back(std::move(*blob));
} catch (...) {  // thrown by the handler, or no memory: this session is not exported
    if (quiesced_.exported.size() > blobs.size()) quiesced_.exported.pop_back();
    log_.write(log_level::error, "a session could not be exported: " + text_of_failure(), clock::now());
}

/// Ends exported sessions here. A session whose blob exists, or may be found, seals no more records here
/// except its close_notify, for which sequence numbers were reserved. No close_notify is sent where another
/// process may continue the session.
void shard::close_exported(dispatch::connection& connection, export_outcome outcome, time_point now)
{
    switch (outcome) {
        case export_outcome::unusable:
            return;
        case export_outcome::written:
            return dispatcher_.remove_exported(connection);
        case export_outcome::unknown_after_crash:
            return dispatcher_.close_now(connection, sessions::close_reason::export_failed, now, *this);
        case export_outcome::importable:
            return dispatcher_.remove_exported(connection, sessions::close_reason::export_failed);
    }
}

void shard::on_export_finished(export_outcome outcome)
{
    const auto now = clock::now();
    auto waited = std::exchange(quiesced_, {});
    if (closed_) return;
    {
        const scoped_flag in_turn{in_turn_};
        for (const auto& connection : waited.exported) close_exported(*connection, outcome, now);
        for (const auto& connection : waited.closing)
            if (connection->is_open()) close(*connection);
        for (const auto& late : waited.handed_off) {
            handoffs_.fetch_sub(1, std::memory_order_relaxed);
            on_datagram(late.path, late.bytes, now);
        }
        for (auto& step : waited.steps) dispatcher_.on_step_done(std::move(step), now, *this);
    }
    for (const auto socket : waited.readable) wait_readable(socket);
    finish_turn();
}

exported_session shard::export_session(sessions::association& association, wire::bytes application)
try {
    if (!state_) return {errc::no_state, {}};
    if (quiesced_.active) return {errc::operation_in_progress, {}};  // the session is being exported already
    auto& connection = static_cast<dispatch::connection&>(association);
    auto blob = blob_of(connection, *state_->current(), {application.begin(), application.end()});
    if (!blob) return {errc::not_exportable, {}};
    post_finish_turn();  // before the session is removed: if this throws, the session continues
    dispatcher_.remove_exported(connection);
    return {{}, std::move(*blob)};
} catch (...) {
    return {code_of_failure(), {}};
}

void shard::import_session(sessions::saved_session saved)
{
    if (!reading_) {
        pending_imports_.push_back(std::move(saved));  // kept until `serve`
        return;
    }
    const auto why_not = try_to_import(saved);
    if (why_not.empty()) return finish_turn();
    group_->remove_import(saved.path, saved.ids ? saved.ids->own : wire::own_connection_id{});
    log_.write(log_level::warning,
               "the session with " + to_string(to_asio(saved.path.peer)) + " was not imported: " + why_not,
               clock::now());
}

/// Returns why the session cannot be imported, or an empty text.
std::string shard::try_to_import(sessions::saved_session& saved)
{
    const auto socket = socket_of(saved.path.local);
    if (!handler_) return "no handler serves sessions here (server::serve)";
    if (!socket) return "no socket listens on the address that its peer sends to";
    saved.path.socket = *socket;
    return std::string{text_of(dispatcher_.import_session(saved, ciphers_, clock::now()))};
}

/// Returns the socket that receives datagrams sent to `local`.
std::optional<std::uint32_t> shard::socket_of(const wire::endpoint& local) const
{
    for (std::uint32_t i = 0; i < ports_.size(); ++i)
        if (receives(to_asio(ports_[i]->socket().local_endpoint()), local)) return i;
    return std::nullopt;
}

}  // namespace quivive::runtime
