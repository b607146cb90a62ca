#include "server/shard.hpp"

#include "server/address.hpp"
#include "server/evacuation.hpp"
#include "server/session_blob.hpp"
#include "server/session_facts.hpp"

#include <algorithm>
#include <exception>
#include <utility>

// Sessions that leave this shard for another process, or come from one.
namespace quivive::detail {

namespace {

std::string_view text_of(dispatch::adoption refused) noexcept
{
    switch (refused) {
        case dispatch::adoption::adopted:
            break;
        case dispatch::adoption::no_room:
            return "there is no room (limits.max_sessions), or the server stops";
        case dispatch::adoption::taken:
            return "there is a session with its address, or its id";
        case dispatch::adoption::unreadable_id:
            return "its id has another length than connection_ids.length";
    }
    return "nobody listens where its peer sends to";
}

}  // namespace

/// The session as a blob, with what the layers above know of it. Empty when it cannot be exported.
std::optional<std::vector<std::byte>> shard::blob_of(const dispatch::member& who, const secret& key,
                                                     std::vector<std::byte> application) const
{
    const auto core = std::dynamic_pointer_cast<session_core>(who.owner);
    auto saved = core ? dispatcher_.save(who, clock::now()) : std::nullopt;
    if (!saved) return std::nullopt;
    saved->facts = core->facts();
    saved->facts.application = std::move(application);
    return seal_session(key, *saved);
}

void shard::give_sessions(evacuation& to)
{
    std::vector<std::vector<std::byte>> blobs;
    pause_reading();
    dispatcher_.for_each_session([&](const dispatch::member& who) {
        const auto core = std::dynamic_pointer_cast<session_core>(who.owner);
        if (!core ||
            std::ranges::find(leaving_, &who, &std::shared_ptr<dispatch::member>::get) != leaving_.end())
            return;
        try {
            auto blob = blob_of(who, to.key(),
                                handler_ ? handler_->export_state(core->info()) : std::vector<std::byte>{});
            if (!blob) return;
            leaving_.push_back(std::const_pointer_cast<dispatch::member>(who.shared_from_this()));
            blobs.push_back(std::move(*blob));
        } catch (const std::exception& error) {  // of the handler, or no memory: this session stays
            log_.write(log_level::error, "a session could not be exported: " + std::string{error.what()},
                       clock::now());
        }
    });
    to.add(std::move(blobs));
}

void shard::sessions_given(bool left)
{
    if (left)
        for (const auto& who : std::exchange(leaving_, {})) dispatcher_.leave(*who);
    leaving_.clear();
    if (!left) resume_reading();
    finish_turn();
}

exported_session shard::export_session(sessions::association& who, wire::bytes application)
try {
    if (!state_) return {errc::no_state, {}};
    auto& member = static_cast<dispatch::member&>(who);
    auto blob = blob_of(member, state_->key(), {application.begin(), application.end()});
    if (!blob) return {errc::not_exportable, {}};
    dispatcher_.leave(member);
    later_finish_turn();
    return {{}, std::move(*blob)};
} catch (const std::exception&) {
    return {errc::not_exportable, {}};
}

void shard::adopt(sessions::saved_session saved)
{
    if (!reading_) {
        arrivals_.push_back(std::move(saved));  // until there is somebody to serve them
        return;
    }
    auto refused = dispatch::adoption::adopted;
    if (const auto socket = handler_ ? socket_of(saved.path.local) : std::nullopt) {
        saved.path.socket = *socket;
        refused = dispatcher_.adopt(saved, ciphers_, clock::now());
        if (refused == dispatch::adoption::adopted) return finish_turn();
    }
    log_.write(log_level::warning,
               "the session with " + to_string(to_asio(saved.path.peer)) +
                   " was not taken over: " + std::string{text_of(refused)},
               clock::now());
}

/// That what was sent to `local` comes in by.
std::optional<std::uint32_t> shard::socket_of(const wire::endpoint& local) const
{
    for (std::uint32_t i = 0; i < ports_.size(); ++i) {
        const auto bound = ports_[i]->socket().local_endpoint();
        const auto address = to_asio(bound).address();
        if (bound.port != local.port) continue;
        if (address.is_unspecified() || bound.address == local.address) return i;
    }
    return std::nullopt;
}

}  // namespace quivive::detail
