#include "program/forward_command.hpp"

#include "program/arguments.hpp"
#include "program/command_line.hpp"
#include "program/counters_report.hpp"
#include "program/exit_code.hpp"
#include "program/forward_server.hpp"
#include "program/output.hpp"
#include "program/stop_signals.hpp"

#include <iostream>
#include <stdexcept>

namespace quivive::program {
namespace {

[[nodiscard]] boost::asio::ip::udp::endpoint read_backend(const std::string& text)
{
    const auto backend = read_endpoint(text);
    if (backend.port() == 0)
        throw std::invalid_argument("'" + text + "' has no port to send to; ADDR:PORT with a port above 0");
    return backend;
}

void announce(const server& server)
{
    if (!server.pin().empty()) std::cout << "pin " << server.pin() << '\n';
    for (const auto& endpoint : server.local_endpoints())
        std::cout << "listening on " << to_string(endpoint) << '\n';
    std::cout << std::flush;
}

}  // namespace

forward_command::forward_command(CLI::App& program)
    : command_{*program.add_subcommand("forward", "DTLS in front of a plain UDP service")}
{
    command_.footer(
        "Each client gets a UDP socket of its own to the service, which so sees one stable port a client;\n"
        "net.ipv4.ip_local_port_range and the hard limit of open files say how many there can be.\n"
        "Messages that do not fit into one record, and those that the service refuses (ICMP), are dropped "
        "and\n"
        "counted; the session goes on.\n"
        "SIGINT or SIGTERM: sessions get a second to end, the counters are printed, and it exits with 0.\n"
        "A second signal does not wait.");
    add_way_options();
    add_server_options();
}

void forward_command::add_way_options()
{
    add_values(
        command_, "--listen", "ADDR:PORT",
        [this](const std::string& text) { rule_.listen.push_back(read_endpoint(text)); },
        "Where DTLS clients come, as in 0.0.0.0:5684; port 0 takes a free one; may be given again")
        ->required();
    add_value(
        command_, "--to", "ADDR:PORT", [this](const std::string& text) { rule_.to = read_backend(text); },
        "The plain UDP service, as in 127.0.0.1:5683")
        ->required();
    add_value(
        command_, "--idle-timeout", "S",
        [this](const std::string& text) { rule_.idle_timeout = read_seconds(text, zero::allowed); },
        "Seconds until a session without a message in either direction is closed; 0: never; default 300");
}

void forward_command::add_server_options()
{
    config_.credentials.self_signed_if_none = true;
    add_certificate(command_, config_.credentials.certificate, "The certificate chain, PEM, leaf first");
    add_value(
        command_, "--psk-file", "FILE",
        [this](const std::string& file) { config_.credentials.psk_file = file; },
        "Pre-shared keys, lines of identity:hexkey");
    add_value(
        command_, "--cookies", "always|never",
        [this](const std::string& text) { config_.cookies.exchange = read_cookie_exchange(text); },
        "Whether strangers must give back a cookie first (RFC 6347 4.2.1); never needs --trust-all-networks");
    command_.add_flag("--trust-all-networks", config_.cookies.trust_all_networks,
                      "Nobody who can reach this server forges source addresses");
    command_.add_flag("-v", verbosity_, "Log to stderr what is informative too; -vv: everything");
}

int forward_command::run() const
{
    stop_signals signals;  // before anybody is told that this runs
    output lines{verbosity_, output::trace_to::standard_output};
    auto base = config_;
    base.log = [&](log_level level, std::string_view line) { lines.log(level, line); };

    const auto forward = start_forward(std::move(base), rule_);
    announce(*forward.server);
    signals.drain(*forward.server);
    std::cout << counters_report(forward.server->metrics()) << forward_report(forward.handler->counts())
              << std::flush;
    return exit_code::success;
}

}  // namespace quivive::program
