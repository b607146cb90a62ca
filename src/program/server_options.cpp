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

/// What a shell makes of a variable that is not set would be taken for "none".
[[nodiscard]] std::string read_name(const std::string& text)
{
    if (text.empty()) throw std::invalid_argument("'' is not the name of anything");
    return text;
}

}  // namespace

server_options::server_options(CLI::App& command) : command_{command}
{
    command_.footer(
        "The command line wins over the file of --config, and that over the defaults.\n"
        "Without a certificate and PSKs it makes a certificate that lasts as long as the process; clients "
        "can\n"
        "know it by the pin that is printed.\n"
        "SIGHUP: the file is read again, for newcomers; a bad one changes nothing.\n"
        "SIGINT or SIGTERM: with --state sessions are left there for the next start; the others get a "
        "second\n"
        "to end, the counters are printed, and it exits with 0.\n"
        "A second signal does not wait.");
    add_value(
        command_, "--config", "FILE",
        [this](const std::string& file) {
            if (file.empty()) throw std::invalid_argument("'' is not the name of a file");
            file_ = file;
        },
        "A configuration in TOML; `quivive check FILE` shows what it amounts to");
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
    std::vector<std::string> own, problems;  // of the command line; of the file
    const auto apply = [&](config_file& said) {
        try {
            own.clear();
            apply_to(said);
        } catch (const config_error& error) {
            own = error.problems();
        }
        config = said;
    };
    apply(config);  // what is known also when the file cannot be read
    try {
        if (!file_.empty()) config = read_config_file(file_, apply);
    } catch (const config_error& error) {
        problems = error.problems();
    }
    std::ranges::move(own, std::back_inserter(problems));
    if (problems.empty()) return config;

    // What else is wrong shall not wait for the next attempt: the files that the command line names.
    if (!file_.empty()) {
        auto of_files = validate_files(config.server);
        std::erase_if(of_files, [&](const std::string& found) {  // said before, with its place
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
        "Where to listen, as in 127.0.0.1:4433 or [::]:4433; port 0 takes a free one; may be given again");
    add(
        "--metrics", "ADDR:PORT", read_tcp_endpoint,
        [](config_file& config, const auto& value) { config.metrics = value; },
        "Where a Prometheus server finds /metrics, by HTTP");
}

void server_options::add_credential_options()
{
    add_certificate(command_, certificate_, "The certificate chain, PEM, leaf first");
    add(
        "--psk-file", "FILE", read_name,
        [](config_file& config, const std::string& file) { config.server.credentials.psk_file = file; },
        "Pre-shared keys, lines of identity:hexkey");
}

void server_options::add_policy_options()
{
    add(
        "--cookies", "always|never|adaptive|drop", read_cookie_exchange,
        [](config_file& config, cookie_exchange value) { config.server.cookies.exchange = value; },
        "Whether strangers must give back a cookie first (RFC 6347 4.2.1); never needs --trust-all-networks");
    command_.add_flag("--trust-all-networks", trust_all_networks_,
                      "Nobody who can reach this server forges source addresses");
    add(
        "--cookie-secret", "FILE", read_name,
        [](config_file& config, const std::string& file) { config.server.cookies.secret_file = file; },
        "A file of secrets, one a line, by which processes accept each other's cookies; mode 0600 or "
        "0400, or 0440 of root");
    command_.add_flag("--dtls10", dtls_1_0_, "Serve DTLS 1.0 too, which RFC 9325 3.1.2 forbids");
}

void server_options::add_limit_options()
{
    add(
        "--threads", "N", [](const std::string& text) { return read_count(text, 0, 1'024); },
        [](config_file& config, std::size_t value) { config.server.threads = value; },
        "Threads, each with a socket of its own; 0: one a core; default 1");
    add(
        "--handshake-threads", "N", [](const std::string& text) { return read_count(text, 0, 256); },
        [](config_file& config, std::size_t value) { config.server.handshake_threads = value; },
        "Threads for handshakes alone, which then delay no session; default 0: none");
    add(
        "--record-layer", "detached|attached", read_record_layer,
        [](config_file& config, record_layer value) { config.server.record_layer = value; },
        "Who protects records: quivive, with small sessions, or the GnuTLS session; default detached");
    add(
        "--state", "DIR", read_name,
        [](config_file& config, const std::string& folder) { config.server.state = folder; },
        "Where live sessions are kept over a stop and a start; made when it is missing");
    add(
        "--connection-ids", "on|off", read_switch,
        [](config_file& config, bool value) { config.server.connection_ids.enabled = value; },
        "Whether clients that offer it keep their session when their address changes (RFC 9146); default "
        "off");
    add(
        "--handshake-timeout", "S", [](const std::string& text) { return read_seconds(text, zero::refused); },
        [](config_file& config, auto value) { config.server.limits.handshake_timeout = value; },
        "Seconds until an unfinished handshake is given up; default 60");
    add(
        "--max-half-open", "N", [](const std::string& text) { return read_count(text, 1, 1'000'000'000); },
        [](config_file& config, std::size_t value) { config.server.limits.max_half_open = value; },
        "Handshakes in progress; default 4096");
}

void server_options::add_output_options()
{
    command_.add_flag("-v", verbosity_, "Log to stderr what is informative too; -vv: everything");
    command_.add_flag("--trace", trace_, "Draw each handshake on stdout as a ladder of flights");
}

}  // namespace quivive::program
