#pragma once

#include "quivive/session_handler.hpp"
#include "record/protection.hpp"
#include "server/home.hpp"
#include "server/ready_list.hpp"
#include "session/association.hpp"

#include <boost/asio/error.hpp>

#include <memory>
#include <vector>

namespace quivive::detail {

class shard;
class waiting_send;

/// What a session still needs when it has let go of its host. One for all sessions of a host, so that each
/// waits with one pointer to it.
struct session_anchor {
    detail::home home;
    std::shared_ptr<session_handler> handler{};  ///< lives as long as one of its coroutines
    std::weak_ptr<shard> where{};                ///< hears of what a handler throws
    error_code when_gone =
        boost::asio::error::operation_aborted;  ///< what sessions end with when their home goes
};

/// A session that was exported, or why not.
struct exported_session {
    error_code error;
    std::vector<std::byte> blob;
};

/// What carries out a session's wishes: a server's shard, or a client's link. All but `home` only inside it.
class session_host {
public:
    explicit session_host(detail::home where) : home_{std::move(where)} {}
    virtual ~session_host() = default;

    [[nodiscard]] const detail::home& home() const noexcept { return home_; }

    [[nodiscard]] virtual record::sealed send(sessions::association& who, wire::bytes message) noexcept = 0;
    /// close_notify, and waits for the peer's.
    virtual void close(sessions::association& who) noexcept = 0;
    /// The peer is where it has gone to: the application says so.
    virtual void confirm_peer(sessions::association& who) noexcept = 0;
    /// Whether a message may be sent now. Else its send has to `line_up`.
    [[nodiscard]] virtual bool takes_sends(const sessions::association& who) noexcept = 0;
    /// `on_room` of its session follows, once, unless the send leaves the line before.
    virtual void line_up(const sessions::association& who, waiting_send& last) noexcept = 0;

    /// Ends the session and gives it as a blob, for another process to go on with.
    [[nodiscard]] virtual exported_session export_session(sessions::association& who,
                                                          wire::bytes application) = 0;

    /// Does it in a turn that comes next, before what was sent leaves: so what many sessions send goes
    /// together.
    virtual void soon(ready_work work) = 0;

    /// The execution context ends: everything that waits is dropped, uncalled.
    virtual void let_go() noexcept = 0;

private:
    detail::home home_;
};

}  // namespace quivive::detail
