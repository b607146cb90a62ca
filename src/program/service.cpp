#include "program/service.hpp"

#include "program/core_dumps.hpp"
#include "program/counters_report.hpp"
#include "program/exit_code.hpp"
#include "program/exposer.hpp"
#include "program/output.hpp"
#include "program/sequence_diagram.hpp"
#include "program/server_options.hpp"
#include "program/server_signals.hpp"

#include <iostream>
#include <optional>

namespace quivive::program {
namespace {

void announce(service& running, const std::optional<exposer>& scraped)
{
    const auto servers = running.servers();
    if (const auto& pin = servers.front().server->pin(); !pin.empty()) std::cout << "pin " << pin << '\n';
    if (running.taken_over() > 0) std::cout << "took over " << running.taken_over() << " sessions\n";
    for (const auto& one : servers)
        for (const auto& endpoint : one.server->local_endpoints())
            std::cout << "listening on " << to_string(endpoint) << '\n';
    if (scraped) std::cout << "metrics on " << scraped->address() << '\n';
    std::cout << std::flush;
}

/// Reloads the configuration on SIGHUP. If the configuration is invalid, the running servers are not changed.
class reloading {
public:
    reloading(const server_options& options, const config_file& began_with, service& running, output& lines)
        : options_{options}, metrics_{began_with.metrics}, running_{running}, lines_{lines}
    {
    }

    void operator()() const
    {
        if (options_.file().empty()) return tell("SIGHUP: no file to reload, since --config was not given");
        const auto name = options_.file().string();
        try {
            const auto config = options_.read();
            auto kept = running_.reload(config);
            allow_core_dumps(config.dumpable);
            if (config.metrics != metrics_)
                kept.emplace_back(
                    "metrics.listen cannot change while running; it stays as it was until a restart");
            tell("reloaded " + name);
            for (const auto& sentence : kept) tell(name + ": " + sentence);
        } catch (const config_error& error) {
            complain(name + " was not taken, nothing has changed:");
            for (const auto& problem : error.problems()) complain(problem);
        } catch (const std::exception& error) {
            complain(name + " was not taken, nothing has changed: " + error.what());
        }
    }

private:
    /// Logs at a level that is always shown, since the sender of SIGHUP expects a result.
    void tell(const std::string& line) const { lines_.log(log_level::warning, line); }
    void complain(const std::string& line) const { lines_.log(log_level::error, line); }

    const server_options& options_;
    std::optional<boost::asio::ip::tcp::endpoint> metrics_;
    service& running_;
    output& lines_;
};

}  // namespace

metrics service::counted()
{
    const auto all = servers();
    auto sum = all.front().server->metrics();
    for (std::size_t i = 1; i < all.size(); ++i) sum += all[i].server->metrics();
    return sum;
}

int run_service(const server_options& options, const service_factory& start)
{
    server_signals signals;  // before the program announces that it runs
    output lines{output::everything, output::trace_to::standard_output};
    sequence_diagram trace{sequence_diagram::side::server, [&](std::string_view line) { lines.trace(line); }};

    auto config = options.read();
    allow_core_dumps(config.dumpable);
    config.server.log = [&](log_level level, std::string_view line) { lines.log(level, line); };
    if (options.trace()) config.server.trace = [&](const trace_event& event) { trace.note(event); };

    const auto running = start(config);
    std::optional<exposer> scraped;
    if (config.metrics) scraped.emplace(*config.metrics, *running);
    running->begin();
    announce(*running, scraped);
    signals.serve(running->servers(), reloading{options, config, *running, lines}, config.server.log);
    scraped.reset();
    std::cout << counters_report(running->counted(), running->counts()) << std::flush;
    return exit_code::success;
}

}  // namespace quivive::program
