#include "program/client_command.hpp"

#include "program/arguments.hpp"
#include "program/command_line.hpp"
#include "program/complain.hpp"
#include "program/conversation.hpp"
#include "program/exit_code.hpp"
#include "program/output.hpp"
#include "program/sequence_diagram.hpp"
#include "quivive/server_config.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iterator>
#include <string>
#include <utility>

namespace quivive::program {
namespace {

namespace asio = boost::asio;

/// `cause`: reason of a failed handshake from the trace, which is more specific than the error code.
asio::awaitable<int> connect_and_talk(asio::ip::udp::endpoint server, client_config config,
                                      const std::string& cause)
{
    const auto executor = co_await asio::this_coro::executor;
    auto [error, session] =
        co_await async_connect(executor, server, std::move(config), asio::as_tuple(asio::use_awaitable));
    if (error) {
        complain("cannot connect to " + quivive::to_string(server) + ": " +
                 (cause.empty() ? error.message() : cause));
        co_return exit_code::failure;
    }
    conversation talk{executor, std::move(session)};
    co_return co_await talk.keep_open();
}

/// Throws `config_error` with all problems.
void refuse_problems(const client_config& config)
{
    auto problems = validate(config);
    auto of_files = validate_files(config);
    problems.insert(problems.end(), std::make_move_iterator(of_files.begin()),
                    std::make_move_iterator(of_files.end()));
    if (!problems.empty()) throw config_error{std::move(problems)};
}

}  // namespace

client_command::client_command(CLI::App& program)
    : command_{*program.add_subcommand("client", "A DTLS client for lines of text")}
{
    config_.limits.handshake_timeout = std::chrono::seconds{10};
    config_.limits.idle_timeout = std::chrono::seconds{0};
    command_.footer(
        "Sends each line of stdin as a message and prints each received message as a line.\n"
        "After the end of stdin it waits until it has received as many messages as it sent, or no message\n"
        "for 2 seconds, and closes the session.");
    add_server_options();
    add_own_options();
}

void client_command::add_server_options()
{
    auto& credentials = config_.credentials;
    add_value(
        command_, "server", "ADDR:PORT", [this](const std::string& text) { server_ = read_endpoint(text); },
        "The server, as in 127.0.0.1:4433 or [::1]:4433")
        ->required();

    auto* const known_by = command_.add_option_group("Server authentication", "At least one is required");
    auto* const ca = add_value(
        *known_by, "--ca", "FILE", [&credentials](const std::string& file) { credentials.ca_file = file; },
        "Verify the server's certificate against these authorities, PEM");
    auto* const pin = add_value(
        *known_by, "--pin", "PIN", [&credentials](const std::string& text) { credentials.pin = text; },
        "Verify the server's public key: sha256:BASE64, as `quivive echo` prints it");
    auto* const insecure =
        known_by->add_flag("--insecure", credentials.insecure, "Do not verify the server; for tests only");
    psk_ = add_value(
        *known_by, "--psk", "ID:HEX",
        [&credentials](const std::string& text) {
            auto [identity, key] = read_named_key(text);
            credentials.psk_identity = std::move(identity);
            credentials.psk_key = std::move(key);
        },
        "Authenticate with a pre-shared key: identity, and key in hex");
    known_by->require_option(1, 0);
    ca->excludes(pin)->excludes(insecure);
    pin->excludes(insecure);

    add_value(
        command_, "--server-name", "NAME",
        [&credentials](const std::string& name) { credentials.server_name = name; },
        "The server name to request (SNI); with --ca, the certificate must contain it");
}

void client_command::add_own_options()
{
    add_certificate(command_, config_.credentials.certificate,
                    "The client's certificate chain, for servers that request one; PEM, leaf first");
    add_value(
        command_, "--connection-ids", "on|off",
        [this](const std::string& text) {
            config_.connection_id.reset();
            if (read_switch(text)) config_.connection_id = 0;
        },
        "Whether to request a connection id, which keeps the session when the client's address changes, as "
        "behind a NAT (RFC 9146); default off");
    command_.add_flag("--dtls10", config_.dtls_1_0, "Accept DTLS 1.0 too, which RFC 9325 3.1.2 forbids");
    add_value(
        command_, "--timeout", "S",
        [this](const std::string& text) {
            config_.limits.handshake_timeout = read_seconds(text, zero::refused);
        },
        "Seconds until an unfinished handshake is aborted; default 10");
    command_.add_flag("--trace", trace_, "Draw the handshake on stderr as a sequence diagram");
}

int client_command::run() const
{
    psk_->clear();
    output lines{0, output::trace_to::standard_error};
    sequence_diagram trace{sequence_diagram::side::client, [&](std::string_view line) { lines.trace(line); }};

    auto config = config_;
    std::string cause;
    config.trace = [&](const trace_event& event) {
        if (event.kind == trace_kind::failed) cause = event.text;
        if (trace_) trace.note(event);
    };
    if (!config.credentials.ca_file.empty() && config.credentials.server_name.empty()) {
        lines.log(log_level::warning, "without --server-name any certificate of the authorities in " +
                                          config.credentials.ca_file + " is accepted");
    }

    refuse_problems(config);
    int code = exit_code::failure;
    std::exception_ptr thrown;
    asio::io_context io{1};
    asio::co_spawn(io, connect_and_talk(server_, std::move(config), cause),
                   [&](std::exception_ptr error, int result) {
                       thrown = std::move(error);
                       code = result;
                   });
    io.run();
    if (thrown) std::rethrow_exception(thrown);
    return code;
}

}  // namespace quivive::program
