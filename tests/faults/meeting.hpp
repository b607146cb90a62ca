#pragma once

#include "faults/caller.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quivive::test {

/// Properties of a meeting of a client and a server.
struct manner {
    std::string name;
    cookie_exchange exchange = cookie_exchange::always;
    bool psk = false;        ///< otherwise a certificate
    bool detached = false;   ///< the records of both sides
    bool ids = false;        ///< connection ids both ways, the client moves
    bool by_hand = false;    ///< the application accepts each offer
    bool resumes = false;    ///< by a ticket
    bool talkative = false;  ///< ALPN, a server name, exporters, SRTP, a client's certificate
    bool noisy = false;      ///< other peers, and forgers, send in between
};

enum class side : unsigned char { nobody, server, client };

/// A server without a socket, and its clients, one after the other. The calls of the tested side are
/// `under_test`; those of the test itself are not.
class meeting final : private wire::outbox {
public:
    explicit meeting(const manner& how);

    /// Connects a client, has messages echoed, and closes. Returns whether everything succeeded.
    bool talk(side tested);
    /// Advances time by ten minutes, after which no side waits for the other.
    void wind_up(side tested);
    /// Checks the server's counters and table after everything has ended, whatever has failed.
    void check_books() const;

    /// Returns how much was dropped, discarded or aborted with a reason, without the noise.
    [[nodiscard]] std::uint64_t losses() const;
    /// Returns whether the client has reported a failure, or the server has ended its session by the idle
    /// time-out.
    [[nodiscard]] bool client_has_told() const;
    [[nodiscard]] metrics counted() const { return around_.counted(); }
    /// The server's session with the latest client; null when there is none.
    [[nodiscard]] std::shared_ptr<dispatch::connection> session() const { return session_; }
    [[nodiscard]] caller& client() { return *clients_.back(); }
    [[nodiscard]] world& around() { return around_; }

    /// Steps of `talk`.
    bool connect(side tested);
    bool echo(const std::string& text, side tested);
    bool close(side tested);

private:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    void route(const wire::path& from, const octets& datagram);
    void settle();
    void accept_offers();
    void answer();
    bool pass_to_next_wake(time_point until);
    void make_noise();

    const manner& how_;
    world around_;
    std::vector<std::unique_ptr<caller>> clients_;
    std::vector<std::pair<wire::path, octets>> outgoing_;  ///< from the server, not delivered yet
    std::shared_ptr<dispatch::connection> session_;
    std::uint64_t noise_ = 0;  ///< drops and discards that the noise caused
    side tested_ = side::nobody;
};

/// Returns all manners. Each fault is tested in each of them.
[[nodiscard]] const std::vector<manner>& all_manners();

}  // namespace quivive::test
