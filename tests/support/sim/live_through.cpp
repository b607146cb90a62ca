#include "support/certificates.hpp"
#include "support/nonces/table.hpp"
#include "support/seeded_tls.hpp"
#include "support/sim/scenario.hpp"

#include <malloc.h>

namespace quivive::test::sim {

using namespace std::chrono_literals;

namespace {

struct contexts {
    std::shared_ptr<const tls::context> server;
    client_contexts certificate, psk;
};

/// Made once. Uses Ed25519, whose signatures have a fixed length, so that every run is the same.
const contexts& all_contexts()
{
    static const contexts made = [] {
        seed_tls_random(1);
        server_credentials server;
        server.certificate = make_certificate({.key = key_type::ed25519}).in_memory();
        server.psk = [](std::string_view) { return secret{std::vector<std::byte>(16, std::byte{'k'})}; };
        client_credentials plain, shared;
        plain.insecure = true;
        shared.psk_identity = "client";
        shared.psk_key = secret{std::vector<std::byte>(16, std::byte{'k'})};
        const std::string versions = "NORMAL:-VERS-ALL:+VERS-DTLS1.2";
        return contexts{tls::make_server_context(server, {}),
                        {tls::make_client_context(plain, {}), versions},
                        {tls::make_client_context(shared, {}), versions + ":-KX-ALL:+PSK"}};
    }();
    return made;
}

/// All objects of a run, declared so that they can be destroyed in reverse order.
class stage {
public:
    explicit stage(const scenario& given)
        : given_{given},
          random_{given.seed},
          net_{time_, random_},
          server_{time_, random_, given.server, all_contexts().server,
                  [this](const wire::path& to, const octets& datagram) { net_.to_node(to.peer, datagram); }}
    {
        net_.connect_to(server_);
        for (unsigned i = 0; i < given.clients; ++i) add_client(i, false);
        for (unsigned i = 0; i < given.slow_clients; ++i) add_client(given.clients + i, true);
        add_attackers();
        if (given.storms) storm();
        tidy();
    }

    result run()
    {
        const auto begin = time_.now();
        attack_and_drain(given_.twice ? 2 * given_.length : given_.length);
        const auto registry = bytes_in_use();
        if (given_.twice) attack_and_drain(given_.length);
        auto& audit = server_.audit;
        const auto sealed = nonce_table::of_process().counted();
        audit.hold(sealed.twice == 0, "two records are sealed under one key and nonce");
        audit.hold(server_.size() == 0, "state is left after the last client is gone");
        result made{audit.broken(),     audit.digest(),      {},
                    server_.counted(),  audit.steps(),       0,
                    server_.restarts(), time_.now() - begin, bytes_in_use() - registry,
                    sealed.pairs};
        for (const auto& each : visitors_) made.visits += each->counts();
        for (const auto& each : attackers_) made.attacks += each->acts();
        return made;
    }

private:
    void attack_and_drain(duration length)
    {
        for (const auto& each : attackers_) each->start();
        go_on(length);
        for (const auto& each : attackers_) each->stop();
        for (const auto& each : visitors_) each->retire();
        stormy_ = false;
        go_on(given_.server.limits.handshake_timeout + given_.server.limits.idle_timeout + 70s);
        server_.audit.remove_old_unknown_peers();
    }

    static std::ptrdiff_t bytes_in_use() { return static_cast<std::ptrdiff_t>(mallinfo2().uordblks); }

    void go_on(duration length)
    {
        const auto end = time_.now() + length;
        while (server_.audit.broken().empty() && time_.step(end)) {
        }
    }

    void add_client(unsigned number, bool slow)
    {
        auto ways = given_.ways;
        ways.gnutls = random_.chance(given_.gnutls_clients);
        ways.must_arrive = !slow;
        if (given_.id_clients > 0 && !ways.gnutls && random_.chance(given_.id_clients))
            ways.ids = {random_.below(3) * 4, random_.chance(0.5)};
        auto around = between(given_.mildest, given_.harshest);
        if (slow) around.delay = 10s;
        const auto& contexts = random_.chance(0.5) ? all_contexts().psk : all_contexts().certificate;
        visitors_.push_back(std::make_unique<visitor>(time_, random_, net_, server_, contexts,
                                                      0x0a000001U + number, around, ways));
    }

    conditions between(const conditions& a, const conditions& b)
    {
        const auto share = static_cast<double>(random_.below(1'001)) / 1'000;
        auto mixed = b;
        const auto mix = [&](auto field) { mixed.*field = a.*field + (b.*field - a.*field) * share; };
        mix(&conditions::loss);
        mix(&conditions::duplicate);
        mix(&conditions::reorder);
        mix(&conditions::corrupt);
        mixed.delay = a.delay + std::chrono::duration_cast<duration>((b.delay - a.delay) * share);
        return mixed;
    }

    void add_attackers()
    {
        const attacker::surroundings around{time_, random_, net_, server_, all_contexts().certificate};
        const auto add = [&](auto make, duration period) {
            if (period > duration{}) attackers_.push_back(make(around, period));
        };
        add(make_spoofer, given_.spoofed_every);
        add(make_cookie_thief, given_.thefts_every);
        add(make_hoarder, given_.hoarded_every);
        add(make_forger, given_.forged_every);
        add(make_copier, given_.copied_every);
        add(make_impostor, given_.begun_anew_every);
    }

    /// Turns the path of a random node into a black hole for a while, now and then.
    void storm()
    {
        time_.after(random_.between(5, 60) * 1s, [this] {
            if (!stormy_ || visitors_.empty()) return;
            visitors_[random_.below(visitors_.size())]->fall_silent(random_.between(1, 20) * 1s);
            storm();
        });
    }

    void tidy()
    {
        time_.after(60s, [this] {
            server_.audit.remove_old_unknown_peers();
            if (stormy_ || server_.size() > 0) tidy();
        });
    }

    const scenario& given_;
    /// Sets GnuTLS's clock for its own lifetime.
    struct tls_clock {
        explicit tls_clock(const time_point& now) { use_tls_clock(&now); }
        ~tls_clock() { use_tls_clock(nullptr); }
    };

    schedule time_;
    tls_clock clock_{time_.now()};
    seeded_random random_;
    network net_;
    server server_;
    std::vector<std::unique_ptr<visitor>> visitors_;
    std::vector<std::unique_ptr<attacker>> attackers_;
    bool stormy_ = true;
};

}  // namespace

result live_through(const scenario& given)
{
    (void)all_contexts();
    seed_tls_random(given.seed);
    nonce_table::of_process().forget();  // the keys of a seed are the same each time
    return stage{given}.run();
}

}  // namespace quivive::test::sim
