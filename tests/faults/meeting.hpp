#pragma once

#include "faults/caller.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quivive::test {

/// How a client and a server meet.
struct manner {
    std::string name;
    cookie_exchange exchange = cookie_exchange::always;
    bool psk = false;        ///< else a certificate
    bool detached = false;   ///< the records of both
    bool ids = false;        ///< connection ids both ways, the client moves
    bool by_hand = false;    ///< the application accepts
    bool resumes = false;    ///< by a ticket
    bool talkative = false;  ///< ALPN, a server name, exporters, SRTP, a client's certificate
    bool noisy = false;      ///< others, and forgers, talk in between
};

enum class side : unsigned char { nobody, server, client };

/// A server without a socket, and its clients, one after the other. What the side that is tested does is
/// `under_test`; what the test itself needs for it is not.
class meeting final : private wire::outbox {
public:
    explicit meeting(const manner& how);

    /// A client comes, shakes hands, has messages echoed, and closes. Whether it all went as it should.
    bool talk(side tested);
    /// Ten minutes pass, after which nobody is left by himself.
    void wind_up(side tested);
    /// Whatever has failed: what holds of the server's counters and table once all is over.
    void check_books() const;

    /// How much was dropped, discarded or given up with a reason, but for the noise.
    [[nodiscard]] std::uint64_t losses() const;
    /// Whether the client has said what failed, or else the server has given up its session for its silence.
    [[nodiscard]] bool client_has_told() const;
    [[nodiscard]] metrics counted() const { return around_.counted(); }
    /// The server's session with the latest client; null when there is none.
    [[nodiscard]] std::shared_ptr<dispatch::connection> session() const { return session_; }
    [[nodiscard]] caller& client() { return *clients_.back(); }
    [[nodiscard]] world& around() { return around_; }

    /// The parts of `talk`.
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
    std::uint64_t noise_ = 0;  ///< that was dropped, discarded or both
    side tested_ = side::nobody;
};

/// All the manners that a fault may come in.
[[nodiscard]] const std::vector<manner>& all_manners();

}  // namespace quivive::test
