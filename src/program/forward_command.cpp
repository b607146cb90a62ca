#include "program/forward_command.hpp"

#include "program/arguments.hpp"
#include "program/command_line.hpp"
#include "program/forward_servers.hpp"
#include "program/service.hpp"
#include "quivive/error.hpp"

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

}  // namespace

forward_command::forward_command(CLI::App& program)
    : command_{*program.add_subcommand("forward", "DTLS in front of a plain UDP service")}, options_{command_}
{
    command_.footer(
        command_.get_footer() +
        "\n\nEach client has its own UDP socket to the service, so the service sees one stable port per "
        "client.\n"
        "net.ipv4.ip_local_port_range and the hard limit of open files limit the number of clients.\n"
        "Messages that do not fit into one record, or that the service refuses (ICMP), are dropped and\n"
        "counted; the session continues. With --config, each [[forward]] table defines a server and its\n"
        "service; --listen and --to replace all of them.");
    add_options();
}

void forward_command::add_options()
{
    add_value(
        command_, "--to", "ADDR:PORT", [this](const std::string& text) { to_ = read_backend(text); },
        "The plain UDP service, as in 127.0.0.1:5683");
    add_value(
        command_, "--idle-timeout", "S",
        [this](const std::string& text) { idle_timeout_ = read_seconds(text, zero::allowed); },
        "Seconds until a session without a message in either direction is closed; 0: never; default 300");
    options_.add_change([this](config_file& config) { apply(config); });
}

void forward_command::apply(config_file& config) const
{
    if (to_)
        config.forward = {{.listen = config.server.listen, .to = *to_}};
    else if (!options_.listen().empty())
        throw config_error{"--listen without --to; give the address of the UDP service with --to"};
    if (idle_timeout_)
        for (auto& rule : config.forward) rule.idle_timeout = *idle_timeout_;
}

int forward_command::run() const
{
    return run_service(options_,
                       [](const config_file& config) { return std::make_unique<forward_servers>(config); });
}

}  // namespace quivive::program
