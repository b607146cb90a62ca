// Cost of one unauthenticated record, in each state of a handshake and of each shape, beyond one pass of the
// suite's cipher over its bytes. The last line printed is the maximum.
#include "bench/micro/harness.hpp"
#include "bench/micro/hostile_shapes.hpp"
#include "support/hello_builder.hpp"
#include "support/late_workers.hpp"
#include "support/mutual_contexts.hpp"
#include "support/resuming_client.hpp"
#include "support/tls_peer.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace quivive::bench {

namespace {

using test::octets;

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
                throw std::logic_error{of.name + ": the handshake has ended"};
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

/// Contexts of a client that resumes its session: the server has its keys before any answer.
test::mutual_contexts with_a_ticket()
{
    const auto options = test::only_cipher("AES-128-GCM");
    const auto client = std::make_shared<test::resuming_client>(options);
    const auto server = test::server_context_with(options);
    test::tls_pair first{{}, {}, server, client};
    first.finish();
    client->keep();
    test::tls_pair second{{}, {}, server, client};
    second.finish();
    if (!second.server->facts().resumed) throw std::logic_error{"the session was not resumed"};
    return {server, client};
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
                        2,
                        cipher == record::cipher::aes_128_gcm,
                        {test::server_context_with(options), test::client_context_with(options)}});
    };
    constexpr std::array names{"AES-128-GCM",   "AES-256-GCM",   "AES-128-CCM",      "AES-256-CCM",
                               "AES-128-CCM-8", "AES-256-CCM-8", "CHACHA20-POLY1305"};
    static_assert(names.size() == record::all_ciphers.size());
    for (const bool ids : {false, true})
        for (std::size_t i = 0; i < names.size(); ++i) add(names[i], record::all_ciphers[i], ids);
    add("AES-128-CBC", std::nullopt, false);
    add("AES-256-CBC", std::nullopt, false);
    made.push_back({"client certificates", record::cipher::aes_128_gcm, false, 4, true,
                    test::with_certificates_both_ways()});
    made.push_back({"resumption", record::cipher::aes_128_gcm, false, 1, true, with_a_ticket()});
    return made;
}

/// Performs at once the handshake steps that another thread would perform.
struct prompt_workers final : dispatch::handshake_workers {
    [[nodiscard]] bool full(dispatch::validation) const noexcept override { return false; }
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step) noexcept override
    {
        ++steps;
        return step;
    }
    std::size_t steps = 0;
};

/// A datagram that arrives repeatedly at a handshake that has sent its flight.
struct repeated_datagram {
    std::string name;
    std::size_t records = 1;
    octets datagram;
    octets before{};  ///< arrives once, before the others
};

std::vector<repeated_datagram> repeated_datagrams()
{
    constexpr auto type = wire::handshake_type::client_key_exchange;
    const auto part = [](std::uint32_t length, std::uint32_t offset, const octets& body) {
        return test::handshake_record({type, length, 2, offset, body});
    };
    std::vector<repeated_datagram> made;
    for (const std::size_t in_one : {1U, 53U}) {
        octets datagram;
        for (std::size_t i = 0; i < in_one; ++i)
            datagram = test::joined(std::vector{datagram, hostile_fragment(2, 2 * i, type)});
        made.push_back({std::to_string(in_one) + " fragments to a datagram", in_one, datagram});
    }
    made.push_back({"whole messages that contradict what has come", 1, part(14, 0, octets(14, std::byte{1})),
                    part(14, 0, octets(1))});
    // As many fragments as a record may have. The last byte of the message never arrives.
    octets pieces;
    for (std::uint32_t i = 0; i < 8; ++i) {
        const auto piece = part(1'200, 140 * i, octets(141));
        pieces.insert(pieces.end(), piece.begin() + wire::record_header_size, piece.end());
    }
    octets scattered;
    for (std::uint32_t i = 0; i < 120; ++i)
        scattered = test::joined(std::vector{scattered, part(1'200, 9 * i, octets(1))});
    made.push_back({"eight pieces to a record", 1, test::make_record(wire::content_type::handshake, pieces)});
    made.push_back({"eight pieces to a record beside a hundred", 1,
                    test::make_record(wire::content_type::handshake, pieces), scattered});
    return made;
}

/// Measures whole datagrams through the dispatcher, divided by their number of records.
void measure_datagrams(harness& with, bool threads, most& worst)
{
    for (const auto& each : repeated_datagrams()) {
        const auto what = (threads ? "handshake_threads/" : "dispatch/") + each.name;
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
        if (!each.before.empty()) (void)around.route(client.path(), each.before);
        const auto before = workers.steps;
        const auto cost = with.measure(
            "hostile/" + what,
            repeat([&] { keep(around.server->route(client.path(), each.datagram, around.now, around)); }));
        worst.note(what, cost / static_cast<double>(each.records));
        if (threads) std::printf("%-44s %12zu steps\n", ("hostile/" + what).c_str(), workers.steps - before);
    }
}

/// Measures fragments of a hello that waits for the application, while the maximum number of fragments waits.
void measure_offered(harness& with, most& worst)
{
    for (const std::size_t size : {1U, 200U}) {
        const auto what = "dispatch/fragments of " + std::to_string(size) + " for a hello that is offered";
        if (!with.wants("hostile/" + what)) continue;
        test::world around{{}, {.exchange = cookie_exchange::never, .trust_all_networks = true}};
        around.listener.answer = dispatch::admission_action::offer;
        test::hello_builder hello;
        hello.extensions = test::make_extension(21, octets(20'000));  // RFC 7685
        const auto path = test::world::path_of(1, 1'000);
        (void)around.route(path, hello.fragment(0, 100));
        if (around.listener.offers.empty())
            throw std::logic_error{what + ": the hello was not offered to the application"};
        std::size_t at = 100;
        const auto next = [&] { return hello.fragment(at += size, size); };
        for (int i = 0; i < 100; ++i) (void)around.route(path, next());
        const auto last = next();
        const auto cost = with.measure(
            "hostile/" + what, repeat([&] { keep(around.server->route(path, last, around.now, around)); }));
        worst.note(what, cost);
    }
}

}  // namespace

void measure_hostile(harness& with)
{
    most worst;
    for (const auto& each : scenes()) measure_scene(with, each, worst);
    measure_datagrams(with, false, worst);
    measure_datagrams(with, true, worst);
    measure_offered(with, worst);
    if (worst.nanoseconds > 0)
        std::printf("hostile: maximum cost of a record beyond one pass: %.0f ns, %s\n", worst.nanoseconds,
                    worst.name.c_str());
}

}  // namespace quivive::bench
