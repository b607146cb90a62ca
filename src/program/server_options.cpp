#include "program/server_options.hpp"

#include "program/arguments.hpp"
#include "program/command_line.hpp"
#include "quivive/error.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace quivive::program {
namespace {

[[nodiscard]] log_level level_of(int verbosity) noexcept
{
    return verbosity > 1 ? log_level::debug : verbosity == 1 ? log_level::info : log_level::error;
}

/// Refuses an empty name, which a shell passes for an unset variable, and which would mean "none".
[[nodiscard]] std::string read_name(const std::string& text)
{
    if (text.empty()) throw std::invalid_argument("'' is not the name of a file or folder");
    return text;
}

}  // namespace

server_options::server_options(CLI::App& command) : command_{command}
{
    command_.footer(
        "The command line overrides the file of --config, which overrides the defaults.\n"
        "Without a certificate and PSKs the server creates a certificate for the lifetime of the process;\n"
        "clients can verify it by the printed pin.\n"
        "SIGHUP: reads the file again; new handshakes use it. An invalid file changes nothing.\n"
        "SIGINT or SIGTERM: with --state, exports the sessions for the next start; other sessions have one\n"
        "second to end. Then prints the counters and exits with 0.\n"
        "A second signal ends all sessions at once.");
    add_value(
        command_, "--config", "FILE",
        [this](const std::string& file) {
            if (file.empty()) throw std::invalid_argument("'' is not the name of a file");
            file_ = file;
        },
        "A configuration in TOML; `quivive check FILE` validates it and prints its values");
    add_address_options();
    add_credential_options();
    add_policy_options();
    add_limit_options();
    add_output_options();
}

config_file server_options::read() const
{
    if (file_.empty() && listen_.empty())
        throw config_error{"--listen is required, or a --config with listen in it"};
    config_file config;
    std::vector<std::string> own, problems;  // problems of the command line and of the file
    const auto apply = [&](config_file& said) {
        try {
            own.clear();
            apply_to(said);
        } catch (const config_error& error) {
            own = error.problems();
        }
        config = said;
    };
    apply(config);  // keeps the command line's values if the file cannot be read
    try {
        if (!file_.empty()) config = read_config_file(file_, apply);
    } catch (const config_error& error) {
        problems = error.problems();
    }
    std::ranges::move(own, std::back_inserter(problems));
    if (problems.empty()) return config;

    // Also reports problems of the files that the command line names, instead of at the next attempt.
    if (!file_.empty()) {
        auto of_files = validate_files(config.server);
        std::erase_if(of_files, [&](const std::string& found) {  // already reported, with its position
            return std::ranges::any_of(problems, [&](const auto& known) { return known.ends_with(found); });
        });
        std::ranges::move(of_files, std::back_inserter(problems));
    }
    throw config_error{std::move(problems)};
}

void server_options::apply_to(config_file& config) const
{
    auto& server = config.server;
    if (!listen_.empty()) server.listen = listen_;
    if (certificate_) server.credentials.certificate = certificate_;
    server.credentials.self_signed_if_none = true;
    server.cookies.trust_all_networks |= trust_all_networks_;
    server.dtls_1_0 |= dtls_1_0_;
    server.log_level = std::min(server.log_level, level_of(verbosity_));
    for (const auto& make : changes_) make(config);
}

template <typename Read, typename Take>
void server_options::add(const std::string& name, const std::string& placeholder, Read read_value, Take take,
                         const std::string& description)
{
    const auto note = [this, read_value, take](const std::string& text) {
        add_change([value = read_value(text), take](config_file& config) { take(config, value); });
    };
    add_value(command_, name, placeholder, note, description);
}

void server_options::add_address_options()
{
    add_values(
        command_, "--listen", "ADDR:PORT",
        [this](const std::string& text) { listen_.push_back(read_endpoint(text)); },
        "Address to listen on, as in 127.0.0.1:4433 or [::]:4433; port 0: any free port; may be repeated");
    add(
        "--metrics", "ADDR:PORT", read_tcp_endpoint,
        [](config_file& config, const auto& value) { config.metrics = value; },
        "Address on which a Prometheus server finds /metrics over HTTP");
}

void server_options::add_credential_options()
{
    add_certificate(command_, certificate_, "The certificate chain, PEM, leaf first");
    add(
        "--psk-file", "FILE", read_name,
        [](config_file& config, const std::string& file) { config.server.credentials.psk_file = file; },
        "Pre-shared keys, one identity:hexkey per line");
}

void server_options::add_policy_options()
{
    add(
        "--cookies", "always|never|adaptive|drop", read_cookie_exchange,
        [](config_file& config, cookie_exchange value) { config.server.cookies.exchange = value; },
        "Whether new clients must return a cookie (RFC 6347 4.2.1); never requires --trust-all-networks");
    command_.add_flag("--trust-all-networks", trust_all_networks_,
                      "Assume that no peer can forge its source address");
    add(
        "--cookie-secret", "FILE", read_name,
        [](config_file& config, const std::string& file) { config.server.cookies.secret_file = file; },
        "A file of secrets, one per line; processes that share it accept each other's cookies; mode 0600 "
        "or 0400, or 0440 if root owns it");
    command_.add_flag("--dtls10", dtls_1_0_, "Serve DTLS 1.0 too, which RFC 9325 3.1.2 forbids");
}

void server_options::add_limit_options()
{
    add(
        "--threads", "N", [](const std::string& text) { return read_count(text, 0, 1'024); },
        [](config_file& config, std::size_t value) { config.server.threads = value; },
        "Threads, each with its own socket; 0: one per core; default 1");
    add(
        "--handshake-threads", "N", [](const std::string& text) { return read_count(text, 0, 256); },
        [](config_file& config, std::size_t value) { config.server.handshake_threads = value; },
        "Additional threads for handshakes, which then do not delay sessions; default 0: none");
    add(
        "--record-layer", "detached|attached", read_record_layer,
        [](config_file& config, record_layer value) { config.server.record_layer = value; },
        "detached: quivive protects records, sessions are small; attached: GnuTLS does; default detached");
    add(
        "--state", "DIR", read_name,
        [](config_file& config, const std::string& folder) { config.server.state = folder; },
        "Folder that keeps live sessions across a restart; created if missing");
    add(
        "--connection-ids", "on|off", read_switch,
        [](config_file& config, bool value) { config.server.connection_ids.enabled = value; },
        "Whether clients that offer a connection id keep their session when their address changes (RFC "
        "9146); default off");
    add(
        "--handshake-timeout", "S", [](const std::string& text) { return read_seconds(text, zero::refused); },
        [](config_file& config, auto value) { config.server.limits.handshake_timeout = value; },
        "Seconds until an unfinished handshake is aborted; default 60");
    add(
        "--max-half-open", "N", [](const std::string& text) { return read_count(text, 1, 1'000'000'000); },
        [](config_file& config, std::size_t value) { config.server.limits.max_half_open = value; },
        "Maximum handshakes in progress; default 4096");
}

void server_options::add_output_options()
{
    command_.add_flag("-v", verbosity_, "Log informational lines to stderr too; -vv: everything");
    command_.add_flag("--trace", trace_, "Draw each handshake on stdout as a sequence diagram");
}

}  // namespace quivive::program
