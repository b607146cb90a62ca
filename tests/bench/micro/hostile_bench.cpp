// What one record costs that nobody has authenticated, in each state of a handshake and of each shape, beyond
// one pass of the suite's cipher over its bytes: the most of them all stands at the end.
#include "bench/micro/harness.hpp"
#include "bench/micro/null_outbox.hpp"
#include "support/hello_builder.hpp"
#include "support/late_workers.hpp"
#include "support/mutual_contexts.hpp"
#include "support/tls_peer.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace quivive::bench {

namespace {

using test::octets;
using wire::content_type;

constexpr std::size_t id_size = 8;
constexpr std::uint32_t message_size = 30'000;

/// Two contexts and what else a handshake begins with.
struct scene {
    std::string name;
    std::optional<record::cipher> cipher;  ///< for its pass; none: GnuTLS's own, of CBC
    bool ids = false;
    test::mutual_contexts contexts;
};

enum class stage { hello, flight_sent, final_keys };

/// A server's handshake that has got so far; `early`: records that come between its flight and the answer.
struct victim {
    victim(const scene& in, stage until, const std::vector<octets>& early)
        : pair{settings(in), {}, in.contexts.server, in.contexts.client}
    {
        if (in.ids) pair.servers_id_size = pair.clients_id_size = id_size;
        if (until == stage::hello) return;
        pair.deliver_to_server();
        for (const auto& record : early) feed(record);
        if (until == stage::flight_sent) return;
        while (!pair.to_client.datagrams.empty()) pair.deliver_to_client();
        for (const auto& datagram : pair.to_server.datagrams)
            for (const auto& record : test::records_of(datagram, pair.servers_id_size))
                if (record.epoch == 0) (void)pair.server->feed(record, pair.now, out);
    }
    void feed(const octets& datagram)
    {
        for (const auto& record : test::records_of(datagram, pair.servers_id_size))
            (void)pair.server->feed(record, pair.now, out);
    }
    static tls::handshake_settings settings(const scene& in)
    {
        tls::handshake_settings chosen;
        chosen.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
        const octets id(id_size, std::byte{7});
        if (in.ids) chosen.connection_id = wire::own_connection_id{id};
        return chosen;
    }

    test::tls_pair pair;
    null_outbox out;
};

/// Records of one shape.
struct shape {
    std::string name;
    stage at = stage::flight_sent;
    std::size_t sealed_bytes = 0;  ///< of each, that a cipher may go over
    std::size_t count = 1'000;     ///< to one handshake
    std::function<octets(std::size_t)> make;
    std::vector<octets> before{};  ///< records that come first, as early ones and again
};

octets junk(content_type type, std::size_t size, std::uint64_t sequence)
{
    auto record = test::make_record(type, octets(size, std::byte{0x5a}), 1, sequence);
    const octets id(id_size, std::byte{7});
    if (type == content_type::tls12_cid) record.insert(record.begin() + 11, id.begin(), id.end());
    return record;
}

octets fragment(std::uint16_t seq, std::size_t offset, wire::handshake_type type, std::size_t size = 1)
{
    const octets body(size);
    return test::handshake_record({type, message_size, seq, static_cast<std::uint32_t>(offset), body});
}

void add_fragments(std::vector<shape>& shapes, stage at, const std::string& where, std::uint16_t seq)
{
    const auto type =
        at == stage::hello ? wire::handshake_type::client_hello : wire::handshake_type::certificate;
    constexpr std::size_t many = message_size / 2 - 1;
    const auto add = [&](const std::string& name, std::size_t count,
                         std::function<std::size_t(std::size_t)> offset) {
        shapes.push_back({where + " fragments of a byte " + name, at, 0, count,
                          [=](std::size_t i) { return fragment(seq, offset(i), type); }});
    };
    add("forwards", many, [](std::size_t i) { return i; });
    add("backwards", many, [](std::size_t i) { return message_size - 1 - i; });
    add("every other", many, [](std::size_t i) { return 2 * i; });
    add("every other backwards", many, [](std::size_t i) { return message_size - 1 - 2 * i; });
    add("the same", 1'000, [](std::size_t) { return 7; });
    for (const std::size_t size : {1'200U, 16'000U})
        shapes.push_back({where + " the same fragment of " + std::to_string(size), at, 0, 1'000,
                          [=](std::size_t) { return fragment(seq, 7, type, size); }});
}

std::vector<shape> shapes_of(const scene& in)
{
    std::vector<shape> shapes;
    add_fragments(shapes, stage::hello, "hello:", 0);
    add_fragments(shapes, stage::flight_sent, "next:", 1);
    add_fragments(shapes, stage::flight_sent, "ahead:", 6);
    add_fragments(shapes, stage::final_keys, "final:", in.name == "client certificates" ? 5 : 2);
    const auto type = in.ids ? content_type::tls12_cid : content_type::handshake;
    for (const auto at : {stage::flight_sent, stage::final_keys})
        for (const std::size_t size : {48U, 500U, 1'200U, 8'000U, 16'000U}) {
            const auto add = [&](const std::string& name, content_type of) {
                shapes.push_back(
                    {(at == stage::final_keys ? "final: " : "early: ") + name + " of " + std::to_string(size),
                     at, size, 1'000, [=](std::size_t i) { return junk(of, size, i + 1); }});
            };
            add("messages", type);
            add("data", content_type::application_data);
            add("alerts", content_type::alert);
            // Kept once, and compared with what is kept from then on.
            shapes.push_back({(at == stage::final_keys ? "final: " : "early: ") +
                                  std::string{"the same data of "} + std::to_string(size),
                              at, size, 1'000,
                              [=](std::size_t) { return junk(content_type::application_data, size, 7); }});
        }
    // As it was found: what was kept is decrypted again for each fragment.
    for (const std::size_t size : {48U, 1'200U, 16'000U}) {
        auto& again = shapes.emplace_back();
        again = {"final: fragments beside kept records of " + std::to_string(size), stage::final_keys, 0,
                 1'000, [seq = in.name == "client certificates" ? 5 : 2](std::size_t i) {
                     return fragment(static_cast<std::uint16_t>(seq), 2 * i, wire::handshake_type::finished);
                 }};
        for (std::uint64_t i = 0; i < 4; ++i)
            again.before.push_back(junk(in.ids ? type : content_type::alert, size, i));
    }
    return shapes;
}

double pass_of(harness& with, record::cipher cipher, std::size_t size)
{
    const auto traits = record::traits_of(cipher);
    if (size < traits.overhead()) return 0;
    const octets key(traits.key_size), text(size);
    const auto aead = tls::make_gnutls_aead(cipher, key);
    octets opened(size - traits.overhead());
    return with.measure(
        "hostile/pass of cipher " + std::to_string(static_cast<int>(cipher)) + " over " +
            std::to_string(size),
        repeat([&] {
            keep(aead->open({}, octets(13), wire::bytes{text}.subspan(traits.overhead() - traits.tag_size),
                            opened));
        }));
}

struct most {
    std::string name;
    double nanoseconds = 0;
    void note(const std::string& what, double cost)
    {
        if (cost > nanoseconds) *this = {what, cost};
    }
};

double measure_one(harness& with, const scene& in, const shape& of)
{
    std::vector<octets> records;
    for (std::size_t i = 0; i < with.scaled(of.count); ++i) records.push_back(of.make(i));
    return with.measure("hostile/" + in.name + "/" + of.name, [&](std::size_t times) {
        std::chrono::nanoseconds all{0};
        while (times > 0) {
            victim server{in, of.at, of.before};
            const auto view = [&](const octets& record) {
                return test::records_of(record, server.pair.servers_id_size).front();
            };
            std::vector<wire::record_view> views;
            for (std::size_t i = 0; i < std::min(times, records.size()); ++i)
                views.push_back(view(records[i]));
            for (const auto& record : of.before) server.feed(record);
            const auto begin = cpu_now();
            for (const auto& record : views)
                keep(server.pair.server->feed(record, server.pair.now, server.out).consumed);
            all += cpu_now() - begin;
            if (server.pair.server->status() != tls::handshake_status::in_progress)
                throw std::logic_error{of.name + ": the handshake is over"};
            times -= views.size();
        }
        return all;
    });
}

void measure_scene(harness& with, const scene& in, most& worst)
{
    std::vector<std::pair<std::size_t, double>> passes;
    for (const auto& each : shapes_of(in)) {
        if (!with.wants("hostile/" + in.name + "/" + each.name)) continue;
        double pass = 0;
        if (each.sealed_bytes > 0 && in.cipher) {
            auto known = std::ranges::find(passes, each.sealed_bytes, [](const auto& p) { return p.first; });
            if (known == passes.end())
                known =
                    passes.insert(known, {each.sealed_bytes, pass_of(with, *in.cipher, each.sealed_bytes)});
            pass = known->second;
        }
        worst.note(in.name + "/" + each.name, measure_one(with, in, each) - pass);
    }
}

std::vector<scene> scenes()
{
    std::vector<scene> made;
    const auto add = [&](const std::string& name, std::optional<record::cipher> cipher, bool ids) {
        auto options = test::only_cipher(name);
        options.connection_ids = ids;
        made.push_back({name + (ids ? " ids" : ""),
                        cipher,
                        ids,
                        {test::server_context_with(options), test::client_context_with(options)}});
    };
    add("AES-128-GCM", record::cipher::aes_128_gcm, false);
    add("CHACHA20-POLY1305", record::cipher::chacha20_poly1305, false);
    add("AES-128-CCM-8", record::cipher::aes_128_ccm_8, false);
    add("AES-128-CBC", std::nullopt, false);
    add("AES-128-GCM", record::cipher::aes_128_gcm, true);
    add("CHACHA20-POLY1305", record::cipher::chacha20_poly1305, true);
    add("AES-128-CCM-8", record::cipher::aes_128_ccm_8, true);
    made.push_back(
        {"client certificates", record::cipher::aes_128_gcm, false, test::with_certificates_both_ways()});
    return made;
}

/// Steps of handshakes that another thread would do are done at once.
struct prompt_workers final : dispatch::handshake_workers {
    [[nodiscard]] bool full(dispatch::standing) const noexcept override { return false; }
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step) noexcept override
    {
        ++steps;
        return step;
    }
    std::size_t steps = 0;
};

/// A whole datagram, through the dispatcher, for each of its records.
void measure_datagrams(harness& with, bool threads, most& worst)
{
    const std::string name = threads ? "handshake_threads" : "dispatch";
    for (const std::size_t in_one : {1U, 53U}) {
        const auto what = name + "/" + std::to_string(in_one) + " fragments to a datagram";
        if (!with.wants("hostile/" + what)) continue;
        prompt_workers workers;
        test::world around{{},
                           {},
                           test::any_server_context(),
                           test::any_client_context(),
                           nullptr,
                           threads ? &workers : nullptr};
        auto& client = around.add_client();
        (void)around.begin(client);
        octets datagram;
        for (std::size_t i = 0; i < in_one; ++i)
            datagram = test::joined(
                std::vector{datagram, fragment(2, 2 * i, wire::handshake_type::client_key_exchange)});
        const auto before = workers.steps;
        const auto cost = with.measure(
            "hostile/" + what,
            repeat([&] { keep(around.server->route(client.path(), datagram, around.now, around)); }));
        worst.note(what, cost / static_cast<double>(in_one));
        if (threads) std::printf("%-44s %12zu steps\n", ("hostile/" + what).c_str(), workers.steps - before);
    }
}

}  // namespace

void measure_hostile(harness& with)
{
    most worst;
    for (const auto& each : scenes()) measure_scene(with, each, worst);
    measure_datagrams(with, false, worst);
    measure_datagrams(with, true, worst);
    if (worst.nanoseconds > 0)
        std::printf("hostile: the most that a record costs beyond one pass: %.0f ns, %s\n", worst.nanoseconds,
                    worst.name.c_str());
}

}  // namespace quivive::bench
