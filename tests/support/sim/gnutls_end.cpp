#include "support/plain_session.hpp"
#include "support/sim/end.hpp"

#include <gnutls/dtls.h>

#include <array>
#include <cstring>
#include <utility>

namespace quivive::test::sim {

namespace {

class gnutls_end final : public client_end {
public:
    explicit gnutls_end(const std::string& priority) : client_{priority}
    {
        client_.psk("client", std::string(16, 'k'));
        gnutls_dtls_set_timeouts(client_.session.get(), 1'000, 60'000);
        gnutls_dtls_set_mtu(client_.session.get(), 1'200);
    }

    void begin(time_point now) override { go_on(now); }
    void take(const octets& datagram, time_point now) override
    {
        const auto* bytes = reinterpret_cast<const unsigned char*>(datagram.data());
        if (datagram.empty()) return;  // GnuTLS takes an empty datagram for the end of the connection
        client_.session.incoming.emplace_back(bytes, bytes + datagram.size());
        go_on(now);
    }
    void on_timer(time_point now) override { go_on(now); }
    [[nodiscard]] time_point next_wake() const override { return next_wake_; }
    void send(const std::string& message) override
    {
        (void)gnutls_record_send(client_.session.get(), message.data(), message.size());
        collect();
    }
    void close(time_point) override
    {
        (void)gnutls_bye(client_.session.get(), GNUTLS_SHUT_WR);
        collect();
        over_ = true;
    }
    [[nodiscard]] bool connected() const override { return client_.session.done() && !over_; }
    [[nodiscard]] bool over() const override { return over_; }
    [[nodiscard]] std::optional<std::string> read() override
    {
        if (received_.empty()) return {};
        auto message = std::move(received_.front());
        received_.pop_front();
        return message;
    }

private:
    void go_on(time_point now)
    {
        auto& session = client_.session;
        if (!session.done()) {
            session.step();
            if (gnutls_error_is_fatal(session.code())) over_ = true;
            // Otherwise a retransmission of the last flight after the handshake timeout ends the session
            // with a timeout error (src/README.md, trap 8).
            if (session.done()) gnutls_dtls_set_timeouts(session.get(), 1'000, forever);
            next_wake_ = session.done() || over_
                             ? no_deadline
                             : now + std::chrono::milliseconds{gnutls_dtls_get_timeout(session.get()) + 1};
        }
        if (session.done()) receive();
        collect();
    }

    void receive()
    {
        std::array<char, 2'048> buffer;
        for (int reads = 0; reads < 100 && !over_; ++reads) {
            const auto size = gnutls_record_recv(client_.session.get(), buffer.data(), buffer.size());
            if (size > 0)
                received_.emplace_back(buffer.data(), static_cast<std::size_t>(size));
            else if (size == 0 || gnutls_error_is_fatal(static_cast<int>(size)))
                over_ = true;
            else if (client_.session.incoming.empty())
                return;
        }
    }

    void collect()
    {
        for (const auto& datagram : std::exchange(client_.session.sent, {})) {
            const auto* bytes = reinterpret_cast<const std::byte*>(datagram.data());
            outgoing.emplace_back(bytes, bytes + datagram.size());
        }
    }

    static constexpr unsigned forever = 24 * 60 * 60 * 1'000;

    plain_client client_;
    std::deque<std::string> received_;
    time_point next_wake_ = no_deadline;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<client_end> make_gnutls_end(const client_contexts& contexts)
{
    return std::make_unique<gnutls_end>(contexts.gnutls_priority);
}

}  // namespace quivive::test::sim
