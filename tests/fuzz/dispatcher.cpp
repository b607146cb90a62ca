// The dispatcher with real connections, with connection ids and without. The input is a sequence of steps: an
// act of a client or of the application, a datagram (real, changed, replayed or invented, from its own
// address or another), or time. Rules:
// - Every datagram is counted once, and no limit is exceeded.
// - Messages arrive as they were sent, and once.
// - An address that no client has used is sent at most three times the bytes from there.
// - Nothing is left at the end.
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "support/hello_builder.hpp"
#include "support/seeded_tls.hpp"
#include "support/tamper.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <array>
#include <set>

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

/// Features of the server and its clients; bits of one byte.
enum : std::size_t { detached = 1, ids = 2, clients_id = 4, no_path_checks = 8, sustained_moves = 16 };

const auto nowhere = test::world::path_of(99, 6'666);

struct play {
    explicit play(fuzz::input given)
        : in{given}, exchange{in.u8()}, features{in.u8()}, around{small_limits(), policy(exchange)}
    {
        around.terms.handshakes.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
        if (features & detached) around.server->use(around.terms);
        const auto moves = features & sustained_moves ? move_policy::sustained : move_policy::limited;
        if (features & ids)
            around.use_ids({.enabled = true, .moves = moves}, (features & clients_id) != 0 ? 4 : 0);
        test::know_path_checks((features & no_path_checks) == 0);
        for (std::size_t i = 0; i < peers; ++i)
            around.add_client(static_cast<unsigned>(1 + i / 2), static_cast<std::uint16_t>(1'000 + i));
    }

    test::remote& client() { return *around.clients[in.below(peers)]; }

    void to_server(const wire::path& path, const octets& datagram)
    {
        const auto before = around.outgoing.size();
        if (path == nowhere) from_nowhere += datagram.size();
        if (around.route(path, datagram).disposition == dispatch::disposition::answered)
            hold(around.outgoing.back().second.size() <= datagram.size() && before < around.outgoing.size(),
                 "an answer is sent, no longer than its request");
    }
    /// Returns the datagram, changed or not.
    octets perhaps_tampered(octets datagram)
    {
        for (auto changes = in.below(4); changes > 1; --changes) test::tamper(datagram, in, client().sent);
        return datagram;
    }

    void step()
    {
        auto& peer = client();
        switch (in.below(10)) {
            case 0:
                return client_acts(peer);
            case 1:
                if (peer.outgoing.empty()) return;
                to_server(peer.path(), perhaps_tampered(peer.outgoing.front()));
                if (in.flip()) peer.outgoing.pop_front();
                return;
            case 2:
                return to_client();
            case 3:
                return to_server(peer.path(), in.octets(in.below(200)));
            case 4:
                return around.pass(std::array<duration, 5>{1ms, 300ms, 1s, 20s, 400s}[in.below(5)]);
            case 5:
                return application_acts();
            case 6:  // an earlier datagram again, perhaps from another address
                return repeat(peer);
            case 8:  // to an address of its own, or to another client's
                return move(peer);
            case 9:
                return invent_hello();
            default:
                return around.settle();
        }
    }

    void repeat(const test::remote& peer)
    {
        if (peer.sent.empty()) return;
        const auto from = somewhere(peer);
        const auto& chosen = peer.sent[in.below(peer.sent.size())];
        to_server(from, perhaps_tampered(chosen));
    }

    /// Sends a hello whole, in part, or with bytes after it, and often with the random of the last one. Its
    /// ticket may allow an answer without a cookie, but that answer is too long.
    void invent_hello()
    {
        using test::operator+;
        test::hello_builder hello;
        hello.random = test::counting(32, static_cast<unsigned>(in.below(2)));
        hello.extensions = test::make_extension(10, test::make_octets({0, 2, 0, 23})) +
                           test::make_extension(13, test::make_octets({0, 2, 4, 3})) +
                           test::make_extension(35, test::counting(1));
        const auto size = hello.body().size();
        const auto cut = in.below(size + 1);
        const auto first = hello.fragment(0, cut), rest = hello.fragment(cut, size - cut);
        const auto whole = hello.record();
        const octets payload{whole.begin() + wire::record_header_size, whole.end()};
        const std::array all{whole, first, rest, first + rest,
                             test::make_record(wire::content_type::handshake, payload + octets(cut % 16))};
        const auto datagram = perhaps_tampered(all[in.below(all.size())]);
        from_nowhere += datagram.size();
        (void)around.route(nowhere, datagram);
    }

    void move(test::remote& peer)
    {
        const auto first = in.flip() ? 2'000U : 1'000U;
        peer.move_to(static_cast<std::uint16_t>(first + in.below(peers)));
    }

    wire::path somewhere(const test::remote& peer)
    {
        const auto where = in.below(3);
        return where == 0 ? client().path() : where == 1 ? peer.path() : nowhere;
    }

    std::string numbered(std::set<std::string>& all)
    {
        return *all.insert("message " + std::to_string(++numbers)).first;
    }

    void client_acts(test::remote& peer)
    {
        const auto act = in.below(4);
        if (act == 0) return peer.hello();
        if (!peer.connected()) return;
        if (act == 1) peer.send(numbered(questions));
        if (act == 2) peer.close();
        if (act == 3) peer.on_timer();
    }

    void to_client()
    {
        if (around.outgoing.empty()) return;
        const auto [path, datagram] = around.outgoing.front();
        if (in.flip()) around.outgoing.erase(around.outgoing.begin());
        for (auto& peer : around.clients) {
            if (peer->path() != path) continue;
            peer->take(perhaps_tampered(datagram));
            read_all(*peer);
        }
    }

    void read_all(test::remote& peer)
    {
        if (!peer.connected()) return;
        for (auto text = peer.read(); !text.empty(); text = peer.read())
            hold(answers.erase(text) == 1, "a client receives each message of its server once");
    }

    void application_acts()
    {
        auto& listener = around.listener;
        const auto act = in.below(8);
        if (act == 5) listener.answer = static_cast<dispatch::admission_action>(in.below(5));
        if (act < 2 && !listener.offers.empty()) {
            const auto connection = listener.offers.front();
            listener.offers.erase(listener.offers.begin());
            if (act == 0) (void)around.server->accept(*connection, around.now, around);
            if (act == 1) around.server->refuse(*connection, in.flip(), around);
        }
        if (listener.sessions.empty()) return;
        const auto connection = listener.sessions[in.below(listener.sessions.size())];
        if (act == 2 && connection->is_open())
            (void)around.server->send(*connection, wire::as_bytes(numbered(answers)), around.now, around);
        if (act == 3)
            around.server->close(*connection, sessions::close_reason::closed_here, around.now, around);
        if (act == 4) read_all(*connection);
        if (act == 6) transfer(*connection);
        if (act == 7) vouch(*connection);
    }

    void read_all(dispatch::connection& peer)
    {
        std::size_t read = 0;
        for (; !peer.messages().empty(); ++read)
            hold(questions.erase(std::string{wire::as_text(peer.messages().pop()->bytes())}) == 1,
                 "a session receives each message of its client once");
        hold(read <= around.limits.receive_queue_messages, "queues are bounded");
    }

    /// Exports the session, and imports it into the same server.
    void transfer(dispatch::connection& peer)
    {
        const auto saved = around.server->save(peer, around.now);
        if (!saved) return;
        around.server->remove_exported(peer);
        const auto read = sessions::decode(sessions::encode(*saved));
        hold(read.has_value(), "a saved session is decoded");
        hold(around.server->import_session(*read, around.terms.handshakes.ciphers, around.now) ==
                 dispatch::import_outcome::imported,
             "a saved session is imported");
    }

    /// Validates the path, as an application may after an exchange with the peer.
    void vouch(dispatch::connection& peer)
    {
        if (peer.path() != nowhere) peer.validate_path();
    }

    void check()
    {
        const auto counted = around.counted();
        hold(counted.balanced(), "every datagram is counted once");
        hold(counted.half_open <= around.limits.max_half_open, "handshakes are within their limit");
        hold(counted.associations <= around.limits.max_sessions, "connections are within their limit");
        hold(counted.sessions == around.listener.sessions.size(), "every session is reported, and its end");
        std::erase_if(around.outgoing, [this](const auto& each) {
            if (each.first != nowhere) return false;
            to_nowhere += each.second.size();
            return true;
        });
        hold(exchange % 4 == 3 || to_nowhere <= 3 * from_nowhere + beyond_three_times(),
             "an unused address is not flooded");
        hold(around.outgoing.size() < 4'096 || (around.outgoing.clear(), true), "");
    }

    /// Returns the maximum of bytes at the rate for new addresses, for as many sessions as there may be.
    [[nodiscard]] std::size_t beyond_three_times() const
    {
        if (!(features & sustained_moves)) return 0;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(around.now - begun).count();
        return (2 + static_cast<std::size_t>(seconds)) * around.limits.max_sessions *
               around.limits.unvalidated_bytes_per_second;
    }

    fuzz::input in;
    std::size_t exchange;  ///< index of the cookie exchange, as in `policy`
    std::size_t features;
    test::world around;
    time_point begun = around.now;
    unsigned numbers = 0;
    std::set<std::string> questions, answers;  ///< in transit
    std::size_t from_nowhere = 0, to_nowhere = 0;
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
    hold(game.around.server->size() == 0, "all idle connections end");
    hold(game.around.server->half_open() == 0, "no handshake is left");
    return 0;
}
