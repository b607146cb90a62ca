// load MODE --to ADDR:PORT --pid PID ...: loads a DTLS server with many clients of `async_connect` in one
// process, and prints the server's cost of an operation.
#include "bench/load/client_group.hpp"
#include "bench/load/hello_flood.hpp"
#include "bench/load/paced.hpp"
#include "bench/load/returning_clients.hpp"
#include "bench/support/pause.hpp"
#include "bench/support/process.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <optional>
#include <thread>

using namespace quivive;
using bench::client_group, bench::figures, bench::hello_flood, bench::look_at, bench::pause, bench::plan,
    bench::tally;

namespace {

/// A flood in a thread of its own.
class background {
public:
    explicit background(hello_flood& flood) : thread_{[this, &flood] { flood.run(stop_); }} {}
    ~background() { stop_ = true; }

private:
    std::atomic<bool> stop_{false};
    std::jthread thread_;
};

/// Sends only datagrams of unknown peers. An operation is an answer, or a datagram of a kind that gets no
/// answer.
bool run_hello(const plan& chosen, figures& found)
{
    hello_flood flood{chosen};
    const auto memory = bench::memory_of(chosen.pid).pss_bytes;
    std::optional<background> running{std::in_place, flood};
    const auto& operations = chosen.kind == "hello" ? flood.answered : flood.sent;
    pause(chosen.warm);
    const auto begin = look_at(chosen.pid, operations);
    pause(chosen.time);
    bench::add_rates(found, begin, look_at(chosen.pid, operations));
    running.reset();
    found.add("answered_percent",
              100.0 * static_cast<double>(flood.answered) / static_cast<double>(flood.sent));
    found.add("amplification",
              static_cast<double>(flood.bytes_answered) / static_cast<double>(flood.bytes_sent));
    found.add(
        "grown_kib",
        (static_cast<double>(bench::memory_of(chosen.pid).pss_bytes) - static_cast<double>(memory)) / 1'024);
    return flood.sent > 0;
}

/// Runs clients that connect and disconnect, alone or beside a flood.
bool run_handshakes(const plan& chosen, figures& found, bool flooded)
{
    std::optional<hello_flood> flood;
    std::optional<background> running;
    if (flooded) running.emplace(flood.emplace(chosen));
    client_group clients{chosen, bench::come_and_go};
    pause(chosen.warm);
    const auto failed = clients.sum(&tally::failed);
    clients.measure(true);
    const auto begin = look_at(chosen.pid, clients.sum(&tally::done));
    pause(chosen.time);
    const auto end = look_at(chosen.pid, clients.sum(&tally::done));
    clients.stop();
    const auto done = static_cast<double>(end.done - begin.done);
    const auto failures = static_cast<double>(clients.sum(&tally::failed) - failed);
    bench::add_rates(found, begin, end);
    found.add("success_percent", 100 * done / (done + failures));
    add_latencies(found, "", clients.samples(&tally::latencies_us));
    if (chosen.echoes > 0) {
        const auto good = static_cast<double>(clients.sum(&tally::echoes));
        const auto lost = static_cast<double>(clients.sum(&tally::echoes_lost));
        found.add("echo_success_percent", 100 * good / (good + lost));
        add_latencies(found, "echo_", clients.samples(&tally::echo_latencies_us));
    }
    if (flood) {
        running.reset();
        found.add("flood_sent", static_cast<double>(flood->sent));
        found.add("flood_answered_percent",
                  100.0 * static_cast<double>(flood->answered) / static_cast<double>(flood->sent));
    }
    return end.done > begin.done;
}

bool run_resumption(const plan& chosen, figures& found)
{
    bench::returning_clients clients{chosen};
    pause(chosen.warm);
    const auto failed = clients.sum(&tally::failed);
    const std::uint64_t resumed = clients.resumed;
    clients.measure(true);
    const auto begin = look_at(chosen.pid, clients.sum(&tally::done));
    pause(chosen.time);
    const auto end = look_at(chosen.pid, clients.sum(&tally::done));
    const auto done = static_cast<double>(end.done - begin.done);
    const auto with_ticket = static_cast<double>(clients.resumed - resumed);
    const auto failures = static_cast<double>(clients.sum(&tally::failed) - failed);
    clients.stop();
    bench::add_rates(found, begin, end);
    found.add("success_percent", 100 * done / (done + failures));
    found.add("resumed_percent", std::min(100.0, 100 * with_ticket / done));
    add_latencies(found, "", clients.latencies());
    return end.done > begin.done;
}

bool run_echo(const plan& chosen, figures& found)
{
    client_group clients{chosen, bench::stay_and_talk};
    auto& state = clients.state();
    const bool all_connected = state.arrived.wait_for(chosen.clients);
    state.go = true;
    pause(chosen.warm);
    clients.measure(true);
    const auto begin = look_at(chosen.pid, clients.sum(&tally::done));
    pause(chosen.time);
    const auto end = look_at(chosen.pid, clients.sum(&tally::done));
    clients.stop();
    bench::add_rates(found, begin, end);
    found.add("sessions", static_cast<double>(state.arrived.connected()));
    found.add("lost", static_cast<double>(clients.sum(&tally::echoes_lost)));
    add_latencies(found, "", clients.samples(&tally::latencies_us));
    return end.done > begin.done && all_connected;
}

void read_options(CLI::App& app, plan& chosen, std::string& to)
{
    app.require_subcommand(1);
    app.add_option("--to", to, "Address of the server, in 127/8")->required();
    app.add_option("--pid", chosen.pid, "Process id of the server")->required();
    app.add_option("--psk", chosen.psk, "IDENTITY:HEXKEY; without it certificates are used");
    app.add_option("-n,--clients", chosen.clients, "Concurrent clients");
    app.add_option("--threads", chosen.threads);
    app.add_option_function<double>("--warm",
                                    [&](double s) { chosen.warm = std::chrono::duration<double>{s}; });
    app.add_option_function<double>("--seconds",
                                    [&](double s) { chosen.time = std::chrono::duration<double>{s}; });
    app.add_option("--size", chosen.size, "Bytes of a message")->check(CLI::Range(8, 16'384));
    app.add_option("--outstanding", chosen.outstanding, "Outstanding messages of a session");
    app.add_option("--echoes", chosen.echoes, "Messages between a handshake and its close");
    app.add_option("--sources", chosen.sources, "Number of source addresses of hellos");
    app.add_option("--window", chosen.window, "Outstanding hellos");
    app.add_option("--rate", chosen.rate, "Hellos, or messages, a second, whether answered or not");
    app.add_option("--storm", chosen.storm, "Concurrent clients that handshake in `storm`");
    app.add_option("--kind", chosen.kind, "hello, record (of no session) or junk");
    app.add_flag("--json", chosen.json);
}

}  // namespace

int main(int argc, char** argv)
{
    plan chosen;
    std::string to;
    CLI::App app{"Loads a DTLS echo server on the loopback and measures the server's cost"};
    read_options(app, chosen, to);
    auto* const hello =
        app.add_subcommand("hello", "ClientHellos without a cookie from many addresses")->fallthrough();
    auto* const handshake = app.add_subcommand("handshake", "Handshakes, one after the other")->fallthrough();
    auto* const echo = app.add_subcommand("echo", "Sessions with outstanding messages")->fallthrough();
    auto* const resume =
        app.add_subcommand("resume", "Handshakes with the ticket of the first one")->fallthrough();
    auto* const pace =
        app.add_subcommand("pace", "Sessions with paced messages: their latency")->fallthrough();
    auto* const storm =
        app.add_subcommand("storm", "pace, first without and then with continuous handshakes")->fallthrough();
    app.add_subcommand("flood", "handshake, while hellos flood the server")->fallthrough();
    CLI11_PARSE(app, argc, argv);
    try {
        const auto server = parse_endpoint(to);
        if (!server) throw std::invalid_argument{"--to: not ADDR:PORT"};
        chosen.server = *server;
        if ((*pace || *storm) && chosen.rate <= 0)
            throw std::invalid_argument{"--rate: needs a positive number"};
        figures found;
        const bool good = *hello    ? run_hello(chosen, found)
                          : *echo   ? run_echo(chosen, found)
                          : *resume ? run_resumption(chosen, found)
                          : *pace   ? bench::run_pace(chosen, found)
                          : *storm  ? bench::run_storm(chosen, found)
                                    : run_handshakes(chosen, found, !*handshake);
        found.print(chosen.json);
        return good ? 0 : 1;
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "load: %s\n", fault.what());
        return 2;
    }
}
