// crowd --to ADDR:PORT --pid PID --psk IDENTITY:HEXKEY [-n N]: opens N sessions and keeps them open, measures
// the server's memory and CPU while all are silent, and sends a message on each at the end.
#include "bench/crowd/crowd.hpp"
#include "bench/support/figures.hpp"
#include "bench/support/pause.hpp"
#include "bench/support/process.hpp"
#include "bench/support/suites.hpp"
#include "quivive/server_config.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

using namespace quivive;
using bench::crowd, bench::figures, bench::cpu_time, bench::memory_of;

namespace {

struct options {
    std::string to, psk;
    pid_t pid = 0;
    std::size_t sessions = 1'000, window = 128;
    double settle_seconds = 1, idle_seconds = 5;
    bool json = false, quiet = false;
};

double seconds_since(clock::time_point begin)
{
    return std::chrono::duration<double>(clock::now() - begin).count();
}

/// Prints the progress every ten seconds. Stops the work when there is no progress for half a minute or the
/// server has ended.
class progress {
public:
    progress(const options& chosen, const char* what) : chosen_{chosen}, what_{what} {}

    bool operator()(std::size_t done)
    {
        const auto now = clock::now();
        if (done != last_) last_ = done, moved_ = now;
        if (now - told_ >= std::chrono::seconds{10} && !chosen_.quiet) {
            told_ = now;
            std::fprintf(stderr, "%s %zu of %zu, server %.0f MiB\n", what_, done, chosen_.sessions,
                         static_cast<double>(memory_of(chosen_.pid).pss_bytes) / 1'048'576);
        }
        return now - moved_ < std::chrono::seconds{30} && bench::is_alive(chosen_.pid);
    }

private:
    const options& chosen_;
    const char* what_;
    std::size_t last_ = 0;
    clock::time_point moved_ = clock::now(), told_ = moved_;
};

void read_options(CLI::App& app, options& chosen)
{
    app.add_option("--to", chosen.to, "Address of the server, in 127/8")->required();
    app.add_option("--pid", chosen.pid, "Process id of the server")->required();
    app.add_option("--psk", chosen.psk, "IDENTITY:HEXKEY; without it certificates are used");
    app.add_option("-n,--sessions", chosen.sessions)->check(CLI::Range(1, 4'000'000));
    app.add_option("--window", chosen.window, "Concurrent handshakes, and then concurrent messages");
    app.add_option("--settle", chosen.settle_seconds,
                   "Seconds between the last handshake and the first measurement");
    app.add_option("--idle", chosen.idle_seconds, "Seconds of silence over which CPU is measured");
    app.add_flag("--json", chosen.json);
    app.add_flag("--quiet", chosen.quiet);
}

double growth(std::uint64_t before, std::uint64_t after)
{
    return static_cast<double>(after) - static_cast<double>(before);
}

/// Returns true when all sessions were opened and are alive at the end.
bool run(const options& chosen)
{
    const auto server = parse_endpoint(chosen.to);
    if (!server) throw std::invalid_argument{"--to: not ADDR:PORT"};
    const auto context = bench::make_client_context(chosen.psk);
    crowd clients{*server, context, chosen.sessions};
    figures found;

    const auto before = memory_of(chosen.pid);
    const auto cpu_before = cpu_time(chosen.pid);
    auto begin = clock::now();
    const auto opened = clients.open(chosen.window, progress{chosen, "opened"});
    const auto count = static_cast<double>(opened);
    const double opening = seconds_since(begin);
    if (!bench::is_alive(chosen.pid))
        throw std::runtime_error{"the server has ended after " + std::to_string(opened)};
    found.add("sessions", count);
    found.add("seconds_to_open", opening);
    found.add("opened_per_second", count / opening);
    found.add("server_us_per_handshake",
              static_cast<double>((cpu_time(chosen.pid) - cpu_before).count()) / 1'000 / count);

    bench::pause(std::chrono::duration<double>{chosen.settle_seconds});
    const auto after = memory_of(chosen.pid);
    found.add("server_pss_mib", static_cast<double>(after.pss_bytes) / 1'048'576);
    found.add("pss_bytes_per_session", growth(before.pss_bytes, after.pss_bytes) / count);
    found.add("rss_bytes_per_session", growth(before.rss_bytes, after.rss_bytes) / count);

    const auto idle_before = cpu_time(chosen.pid);
    begin = clock::now();
    bench::pause(std::chrono::duration<double>{chosen.idle_seconds});
    found.add("idle_cpu_percent",
              static_cast<double>((cpu_time(chosen.pid) - idle_before).count()) / 1e7 / seconds_since(begin));

    begin = clock::now();
    const auto alive = clients.echo(chosen.window, progress{chosen, "echoed"});
    found.add("alive", static_cast<double>(alive));
    found.add("seconds_to_echo", seconds_since(begin));
    found.print(chosen.json);
    return opened == chosen.sessions && alive == chosen.sessions;
}

}  // namespace

int main(int argc, char** argv)
{
    options chosen;
    CLI::App app{"Many sessions that live at the same time"};
    read_options(app, chosen);
    CLI11_PARSE(app, argc, argv);
    try {
        return run(chosen) ? 0 : 1;
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "crowd: %s\n", fault.what());
        return 2;
    }
}
