#include "program/echo_command.hpp"

#include "program/arguments.hpp"
#include "program/command_line.hpp"
#include "program/counters_report.hpp"
#include "program/echo_handler.hpp"
#include "program/exit_code.hpp"
#include "program/ladder.hpp"
#include "program/output.hpp"
#include "program/stop_signals.hpp"
#include "quivive/server.hpp"

#include <iostream>

namespace quivive::program {
namespace {

void announce(const server& server)
{
    if (!server.pin().empty()) std::cout << "pin " << server.pin() << '\n';
    for (const auto& endpoint : server.local_endpoints()) {
        std::cout << "listening on " << to_string(endpoint) << '\n';
    }
    std::cout << std::flush;
}

}  // namespace

echo_command::echo_command(CLI::App& program)
    : command_{*program.add_subcommand("echo", "A DTLS server that sends each message back")}
{
    command_.footer(
        "Without --cert and --psk-file it makes a certificate that lasts as long as the process;\n"
        "clients can know it by the pin that is printed.\n"
        "SIGINT or SIGTERM: sessions get a second to end, the counters are printed, and it exits with 0.\n"
        "A second signal does not wait.");
    add_address_options();
    add_credential_options();
    add_policy_options();
    add_limit_options();
    add_output_options();
}

void echo_command::add_address_options()
{
    add_values(
        command_, "--listen", "ADDR:PORT",
        [this](const std::string& text) { config_.listen.push_back(read_endpoint(text)); },
        "Where to listen, as in 127.0.0.1:4433 or [::]:4433; port 0 takes a free one; may be given again")
        ->required();
}

void echo_command::add_credential_options()
{
    config_.credentials.self_signed_if_none = true;
    add_certificate(command_, config_.credentials.certificate, "The certificate chain, PEM, leaf first");
    add_value(
        command_, "--psk-file", "FILE",
        [this](const std::string& file) { config_.credentials.psk_file = file; },
        "Pre-shared keys, lines of identity:hexkey");
}

void echo_command::add_policy_options()
{
    add_value(
        command_, "--cookies", "always|never",
        [this](const std::string& text) { config_.cookies.exchange = read_cookie_exchange(text); },
        "Whether strangers must give back a cookie first (RFC 6347 4.2.1); never needs --trust-all-networks");
    command_.add_flag("--trust-all-networks", config_.cookies.trust_all_networks,
                      "Nobody who can reach this server forges source addresses");
    command_.add_flag("--dtls10", config_.dtls_1_0, "Serve DTLS 1.0 too, which RFC 9325 3.1.2 forbids");
}

void echo_command::add_limit_options()
{
    auto& limits = config_.limits;
    add_value(
        command_, "--threads", "N",
        [this](const std::string& text) { config_.threads = read_count(text, 0, 1'024); },
        "Threads, each with a socket of its own; 0: one a core; default 1");
    add_value(
        command_, "--idle-timeout", "S",
        [&limits](const std::string& text) { limits.idle_timeout = read_seconds(text, zero::allowed); },
        "Seconds until a silent session is closed; 0: never; default 300");
    add_value(
        command_, "--handshake-timeout", "S",
        [&limits](const std::string& text) { limits.handshake_timeout = read_seconds(text, zero::refused); },
        "Seconds until an unfinished handshake is given up; default 60");
    add_value(
        command_, "--max-half-open", "N",
        [&limits](const std::string& text) { limits.max_half_open = read_count(text, 1, 1'000'000'000); },
        "Handshakes in progress; default 4096");
}

void echo_command::add_output_options()
{
    command_.add_flag("-v", verbosity_, "Log to stderr what is informative too; -vv: everything");
    command_.add_flag("--trace", trace_, "Draw each handshake on stdout as a ladder of flights");
}

int echo_command::run() const
{
    stop_signals signals;  // before anybody is told that this runs
    const auto echo = std::make_shared<echo_handler>();
    const auto counted = serve(echo, signals);
    std::cout << counters_report(counted) << "echo_too_large " << echo->too_large() << std::endl;
    return exit_code::success;
}

metrics echo_command::serve(const std::shared_ptr<session_handler>& handler, stop_signals& signals) const
{
    output lines{verbosity_, output::trace_to::standard_output};
    ladder trace{ladder::side::server, [&](std::string_view line) { lines.trace(line); }};

    auto config = config_;
    config.log = [&](log_level level, std::string_view line) { lines.log(level, line); };
    if (trace_) config.trace = [&](const trace_event& event) { trace.note(event); };

    server server{std::move(config)};
    announce(server);
    server.serve(handler);
    signals.drain(server);
    return server.metrics();
}

}  // namespace quivive::program
