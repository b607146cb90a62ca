#include "program/server_options.hpp"

#include "quivive/error.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>

using quivive::config_error;
using quivive::config_file;
using quivive::log_level;
using quivive::parse_endpoint;
using quivive::program::server_options;
using namespace std::chrono_literals;

namespace {

/// A command that has only the options common to all server commands.
struct command {
    CLI::App app{"a server"};
    server_options options{app};

    explicit command(std::vector<std::string> arguments)
    {
        std::ranges::reverse(arguments);  // the order that CLI11 requires
        app.parse(arguments);
    }
    [[nodiscard]] config_file read() const { return options.read(); }
};

struct folder : quivive::test::temp_directory {
    /// Returns arguments with --config and a file with this content.
    [[nodiscard]] std::vector<std::string> with(std::string_view content,
                                                std::vector<std::string> arguments = {}) const
    {
        arguments.insert(arguments.end(), {"--config", write("server.toml", content)});
        return arguments;
    }
};

std::vector<std::string> problems_of(const command& one)
{
    try {
        (void)one.read();
    } catch (const config_error& error) {
        return error.problems();
    }
    return {};
}

}  // namespace

TEST_CASE("the defaults apply without a file and without options other than --listen")
{
    const command one{{"--listen", "127.0.0.1:1"}};
    const auto config = one.read();
    const quivive::server_config defaults;

    CHECK(config.server.listen == std::vector{*parse_endpoint("127.0.0.1:1")});
    CHECK(config.server.threads == defaults.threads);
    CHECK(config.server.cookies.exchange == defaults.cookies.exchange);
    CHECK(config.server.limits.max_half_open == defaults.limits.max_half_open);
    CHECK(config.server.log_level == log_level::warning);
    CHECK_FALSE(config.metrics);
}

TEST_CASE("a command line without --listen and --config is refused, and the message names both")
{
    const auto problems = problems_of(command{{"--threads", "2"}});
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("--listen") != std::string::npos);
    CHECK(problems[0].find("--config") != std::string::npos);
}

TEST_CASE("the file's value applies to each option that the command line omits")
{
    const folder dir;
    const command one{dir.with("listen = [\"127.0.0.1:7\"]\nthreads = 3\n[limits]\nmax_half_open = 77\n")};
    const auto config = one.read();

    CHECK(config.server.listen == std::vector{*parse_endpoint("127.0.0.1:7")});
    CHECK(config.server.threads == 3);
    CHECK(config.server.limits.max_half_open == 77);
}

TEST_CASE("the command line overrides the file, and --listen replaces all of its addresses")
{
    const folder dir;
    const auto arguments = dir.with(
        "listen = [\"127.0.0.1:7\", \"127.0.0.1:8\"]\n"
        "threads = 3\n"
        "[credentials]\n"
        "psk_file = \"file.psk\"\n"
        "[limits]\n"
        "max_half_open = 77\n"
        "handshake_timeout = \"7s\"\n"
        "[metrics]\n"
        "listen = \"127.0.0.1:9\"\n",
        {"--listen",
         "127.0.0.1:1",
         "--listen",
         "127.0.0.1:2",
         "--threads",
         "5",
         "--psk-file",
         "own.psk",
         "--cookies",
         "drop",
         "--cookie-secret",
         "own.secret",
         "--max-half-open",
         "55",
         "--handshake-timeout",
         "2.5",
         "--metrics",
         "[::1]:4",
         "--handshake-threads",
         "6"});
    const auto config = command{arguments}.read();

    CHECK(config.server.listen ==
          std::vector{*parse_endpoint("127.0.0.1:1"), *parse_endpoint("127.0.0.1:2")});
    CHECK(config.server.threads == 5);
    CHECK(config.server.handshake_threads == 6);
    CHECK(config.server.credentials.psk_file == "own.psk");
    CHECK(config.server.cookies.exchange == quivive::cookie_exchange::drop);
    CHECK(config.server.cookies.secret_file == "own.secret");
    CHECK(config.server.limits.max_half_open == 55);
    CHECK(config.server.limits.handshake_timeout == 2500ms);
    REQUIRE(config.metrics);
    CHECK(config.metrics->port() == 4);
}

TEST_CASE("option --cookie-secret overrides the file")
{
    if (quivive::compiled_cookies() == quivive::cookie_build::never) return;
    const folder dir;
    const auto* const text = "listen = [\"127.0.0.1:7\"]\n[cookies]\nsecret_file = \"file.secret\"\n";
    CHECK(command{dir.with(text)}.read().server.cookies.secret_file == dir.file("file.secret"));
    const command one{dir.with(text, {"--cookie-secret", "own.secret"})};
    CHECK(one.read().server.cookies.secret_file == "own.secret");
}

TEST_CASE("option --cookies applies to peers that no rule names, and the file's rules stay")
{
    const folder dir;
    const auto config =
        command{dir.with("listen = [\"127.0.0.1:7\"]\n[[cookies.rule]]\nnetworks = [\"10.0.0.0/8\"]\n"
                         "exchange = \"drop\"\n",
                         {"--cookies", "drop", "--trust-all-networks"})}
            .read();
    CHECK(config.server.cookies.exchange == quivive::cookie_exchange::drop);
    CHECK(config.server.cookies.trust_all_networks);
    REQUIRE(config.server.cookies.rules.size() == 1);
    CHECK(to_string(config.server.cookies.rules[0].networks.at(0)) == "10.0.0.0/8");
}

TEST_CASE("options --cert and --key replace the certificate and the key of the file")
{
    const folder dir;
    const auto config =
        command{dir.with("listen = [\"127.0.0.1:7\"]\n[credentials]\ncertificate = \"a\"\nkey = \"b\"\n",
                         {"--cert", "own.pem", "--key", "own.key"})}
            .read();
    REQUIRE(config.server.credentials.certificate);
    CHECK(config.server.credentials.certificate->chain_file == "own.pem");
    CHECK(config.server.credentials.certificate->key_file == "own.key");
}

TEST_CASE("paths in the file are relative to its directory, and paths on the command line stay as given")
{
    const folder dir;
    const auto config =
        command{dir.with("listen = [\"127.0.0.1:7\"]\n[credentials]\npsk_file = \"sub/psk\"\n",
                         {"--cookie-secret", "sub/secret"})}
            .read();
    CHECK(config.server.credentials.psk_file == dir.file("sub/psk"));
    CHECK(config.server.cookies.secret_file == "sub/secret");
}

TEST_CASE("option --trust-all-networks permits a file with the cookie policy never for all networks")
{
    const folder dir;
    const auto* const text = "listen = \"127.0.0.1:7\"\n[cookies]\nexchange = \"never\"\n";
    if (quivive::compiled_cookies() != quivive::cookie_build::runtime) return;
    command refused{dir.with(text)};
    CHECK(problems_of(refused).size() == 1);
    CHECK(command{dir.with(text, {"--trust-all-networks"})}.read().server.cookies.trust_all_networks);
    CHECK(command{dir.with(text, {"--cookies", "always"})}.read().server.cookies.exchange ==
          quivive::cookie_exchange::always);
}

TEST_CASE("a flag enables a setting that the file disables, and a missing flag disables nothing")
{
    const folder dir;
    const auto* const off = "listen = [\"127.0.0.1:7\"]\ndtls10 = false\n";
    const auto* const on =
        "listen = [\"127.0.0.1:7\"]\ndtls10 = true\n[cookies]\ntrust_all_networks = true\n";
    CHECK(command{dir.with(off, {"--dtls10"})}.read().server.dtls_1_0);
    const auto config = command{dir.with(on)}.read();
    CHECK(config.server.dtls_1_0);
    CHECK(config.server.cookies.trust_all_networks);
}

TEST_CASE("a throw-away certificate is used if the file has no certificate, or if there is no file")
{
    const folder dir;
    CHECK(command{{"--listen", "127.0.0.1:1"}}.read().server.credentials.self_signed_if_none);
    CHECK(command{dir.with("listen = [\"127.0.0.1:7\"]")}.read().server.credentials.self_signed_if_none);
}

TEST_CASE("flags -v and -vv log more than the file's level and never less")
{
    const folder dir;
    const auto level = [&](const std::string& in_file, const std::vector<std::string>& arguments) {
        const auto text = "listen = [\"127.0.0.1:7\"]\n[log]\nlevel = \"" + in_file + "\"\n";
        return command{dir.with(text, arguments)}.read().server.log_level;
    };
    CHECK(level("error", {}) == log_level::error);
    CHECK(level("error", {"-v"}) == log_level::info);
    CHECK(level("error", {"-vv"}) == log_level::debug);
    CHECK(level("debug", {"-v"}) == log_level::debug);
}

TEST_CASE("each read loads the current file, and the command line overrides it again")
{
    const folder dir;
    const command one{dir.with("listen = [\"127.0.0.1:7\"]\nthreads = 3\nmtu = 1000\n", {"--threads", "5"})};
    CHECK(one.read().server.mtu == 1000);

    (void)dir.write("server.toml", "listen = [\"127.0.0.1:7\"]\nthreads = 4\nmtu = 1100\n");
    CHECK(one.read().server.mtu == 1100);
    CHECK(one.read().server.threads == 5);

    (void)dir.write("server.toml", "listen = 7\nmtu = \"wide\"\n");
    CHECK(problems_of(one).size() == 2);
}

TEST_CASE("problems of the command line and of an unusable file are reported together")
{
    const folder dir;
    command one{dir.with("listen = 7\n", {"--psk-file", dir.file("missing.psk")})};
    one.options.add_change([](config_file&) { throw config_error{"a change of its own"}; });
    const auto problems = problems_of(one);

    REQUIRE(problems.size() == 3);
    CHECK(problems[0].find("server.toml:1:") != std::string::npos);
    CHECK(problems[1] == "a change of its own");
    CHECK(problems[2].find("missing.psk") != std::string::npos);
}

TEST_CASE("a configuration change that a command adds is applied after the file")
{
    const folder dir;
    command one{dir.with("listen = [\"127.0.0.1:7\"]\n[limits]\nidle_timeout = \"1s\"\n")};
    one.options.add_change([](config_file& config) { config.server.limits.idle_timeout = 9s; });
    CHECK(one.read().server.limits.idle_timeout == 9s);
}
