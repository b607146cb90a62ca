#pragma once

#include "record/protection.hpp"
#include "server/home.hpp"
#include "server/ready_list.hpp"
#include "session/association.hpp"

#include <memory>

namespace quivive::detail {

class session_core;

/// What carries out a session's wishes: a server's shard, or a client's link. All but `home` only inside it.
class session_host {
public:
    explicit session_host(detail::home where) : home_{std::move(where)} {}
    virtual ~session_host() = default;

    [[nodiscard]] const detail::home& home() const noexcept { return home_; }

    [[nodiscard]] virtual record::sealed send(sessions::association& who, wire::bytes message) noexcept = 0;
    /// close_notify, and waits for the peer's.
    virtual void close(sessions::association& who) noexcept = 0;
    /// Whether so much waits for the kernel that a send should wait too; then `on_writable` follows.
    [[nodiscard]] virtual bool congested(const sessions::association& who,
                                         session_core& waiting) noexcept = 0;

    /// Does it in a turn that comes next, before what was sent leaves: so what many sessions send goes
    /// together.
    virtual void soon(ready_work work) = 0;

    /// The execution context ends: everything that waits is dropped, uncalled.
    virtual void let_go() noexcept = 0;

private:
    detail::home home_;
};

}  // namespace quivive::detail
