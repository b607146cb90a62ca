#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/client_hello.hpp"
#include "wire/endpoint.hpp"

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace quivive::test::sim {

/// Records which hellos can come from their address only and which hello began each handshake. Checks which
/// handshake is displaced by which hello.
class precedence {
public:
    using complaint = std::function<void(const std::string& broken)>;

    explicit precedence(complaint fail) : fail_{std::move(fail)} {}

    /// `proven`: the datagram being routed has a cookie that was sent to its address, or its network is
    /// trusted.
    void will_route(bool proven) { proven_ = proven; }
    /// `in_progress`: a handshake of this peer is already in progress.
    void admitted(const wire::endpoint& peer, const wire::client_hello_view& hello, bool in_progress);
    /// Records a datagram sent to a peer while a handshake is in progress there.
    void sent(const wire::endpoint& peer, wire::bytes datagram);
    /// No handshake is in progress there any longer.
    void over(const wire::endpoint& peer) { hellos_.erase(peer); }
    void displaced() const;
    void dropped(drop_reason reason) const;

private:
    using random_bytes = std::array<std::byte, 32>;

    /// The randoms of a peer's ClientHellos since its handshake began, and of the ServerHellos that
    /// answered them.
    struct history {
        random_bytes present{};
        std::set<random_bytes> replaced, answers, former_answers;
    };

    void hold(bool condition, const char* what) const
    {
        if (!condition) fail_(what);
    }

    complaint fail_;
    bool proven_ = false;
    std::map<wire::endpoint, history> hellos_;
};

}  // namespace quivive::test::sim
