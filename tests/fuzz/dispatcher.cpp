// The dispatcher with real members: a sequence of steps, each a client's or the application's act, a datagram
// (real, tampered with, replayed, or invented), or time. Every datagram is counted once, no limit is
// exceeded, and nothing is left in the end.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "support/seeded_tls.hpp"
#include "support/tamper.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using fuzz::hold;
using test::octets;

namespace {

constexpr std::size_t peers = 3;

limits small_limits()
{
    limits chosen;
    chosen.max_sessions = 4;
    chosen.max_half_open = 2;
    chosen.max_half_open_per_source = 2;
    chosen.receive_queue_messages = 3;
    return chosen;
}

cookie_policy policy(std::size_t choice)
{
    cookie_policy chosen;
    chosen.exchange = std::array{cookie_exchange::always, cookie_exchange::always, cookie_exchange::adaptive,
                                 cookie_exchange::never}[choice % 4];
    return chosen;
}

struct play {
    explicit play(fuzz::input given) : in{given}, around{small_limits(), policy(in.u8())}
    {
        auto handshakes = around.settings;
        handshakes.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
        const auto shared = std::make_shared<const quivive::limits>(around.limits);
        if (in.flip()) around.server->use({shared, handshakes, test::any_server_context(), {}});
        for (std::size_t i = 0; i < peers; ++i)
            around.add_client(static_cast<unsigned>(1 + i / 2), static_cast<std::uint16_t>(1'000 + i));
    }

    test::remote& client() { return *around.clients[in.below(peers)]; }

    void to_server(const wire::path& path, const octets& datagram)
    {
        const auto answers = around.outgoing.size();
        if (around.route(path, datagram).verdict == dispatch::verdict::answered)
            hold(around.outgoing.back().second.size() <= datagram.size() && answers < around.outgoing.size(),
                 "an answer, no longer than its question");
    }
    /// As it is, or not.
    octets perhaps_tampered(octets datagram)
    {
        for (auto changes = in.below(4); changes > 1; --changes) test::tamper(datagram, in, client().sent);
        return datagram;
    }

    void step()
    {
        auto& who = client();
        switch (in.below(8)) {
            case 0:
                return client_acts(who);
            case 1:
                if (who.outgoing.empty()) return;
                to_server(who.path(), perhaps_tampered(who.outgoing.front()));
                if (in.flip()) who.outgoing.pop_front();
                return;
            case 2:
                return to_client();
            case 3:
                return to_server(who.path(), in.octets(in.below(200)));
            case 4:
                return around.pass(std::array<duration, 5>{1ms, 300ms, 1s, 20s, 400s}[in.below(5)]);
            case 5:
                return application_acts();
            case 6:  // what was sent once comes again, perhaps from elsewhere
                if (who.sent.empty()) return;
                return to_server((in.flip() ? who : client()).path(),
                                 perhaps_tampered(who.sent[in.below(who.sent.size())]));
            default:
                return around.settle();
        }
    }

    void client_acts(test::remote& who)
    {
        const auto act = in.below(4);
        if (act == 0) return who.hello();
        if (!who.connected()) return;
        if (act == 1) who.send("question");
        if (act == 2) who.close();
        if (act == 3) who.on_timer();
    }

    void to_client()
    {
        if (around.outgoing.empty()) return;
        const auto [path, datagram] = around.outgoing.front();
        if (in.flip()) around.outgoing.erase(around.outgoing.begin());
        for (auto& who : around.clients)
            if (who->path() == path) who->take(perhaps_tampered(datagram));
    }

    void application_acts()
    {
        auto& listener = around.listener;
        const auto act = in.below(6);
        if (act == 5) listener.answer = static_cast<dispatch::reception>(in.below(5));
        if (act < 2 && !listener.offers.empty()) {
            const auto who = listener.offers.front();
            listener.offers.erase(listener.offers.begin());
            if (act == 0) (void)around.server->accept(*who, around.now, around);
            if (act == 1) around.server->refuse(*who, in.flip(), around);
        }
        if (listener.sessions.empty()) return;
        const auto who = listener.sessions[in.below(listener.sessions.size())];
        if (act == 2 && who->is_open()) (void)around.server->send(*who, wire::as_bytes("answer"), around);
        if (act == 3) around.server->close(*who, sessions::ending::closed_here, around.now, around);
        std::size_t read = 0;
        while (act == 4 && !who->messages().empty()) (void)who->messages().pop(), ++read;
        hold(read <= around.limits.receive_queue_messages, "queues are bounded");
    }

    void check()
    {
        const auto counted = around.counted();
        hold(counted.balanced(), "every datagram is counted once");
        hold(counted.half_open <= around.limits.max_half_open, "handshakes within their limit");
        hold(counted.associations <= around.limits.max_sessions, "members within their limit");
        hold(counted.sessions == around.listener.sessions.size(), "every session was told of, and its end");
        hold(around.outgoing.size() < 4'096 || (around.outgoing.clear(), true), "");
    }

    fuzz::input in;
    test::world around;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    test::seed_tls_random(1);
    play game{fuzz::input{data, size}};
    for (int steps = 0; steps < 200 && !game.in.done(); ++steps) {
        game.step();
        game.check();
    }
    game.around.pass(1'000s);
    hold(game.around.server->size() == 0, "all ends when nobody says anything");
    hold(game.around.server->half_open() == 0, "and every place is given back");
    return 0;
}
