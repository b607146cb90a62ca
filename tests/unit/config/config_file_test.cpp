#include "quivive/config_file.hpp"

#include "quivive/error.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <string>

using namespace quivive;
using namespace std::chrono_literals;
namespace ip = boost::asio::ip;

namespace {

std::string setting_of(const config_file& file, std::string_view key)
{
    const auto found = std::ranges::find(file.settings, key, &setting::key);
    return found == file.settings.end() ? "none" : found->value + " from " + found->origin;
}

}  // namespace

TEST_CASE("An empty file sets the defaults and may omit `listen`")
{
    const auto file = parse_config("", "a.toml");
    CHECK(file.server.listen.empty());
    CHECK(file.server.mtu == server_config{}.mtu);
    CHECK(file.server.cookies.exchange == default_cookie_exchange());
    CHECK(!file.server.credentials.certificate);
    CHECK(std::ranges::all_of(file.settings, [](const auto& each) { return each.origin == "default"; }));
}

TEST_CASE("Every kind of value is stored in its struct")
{
    const auto server = parse_config(R"(
        listen = ["0.0.0.0:4433", "[::]:4434"]
        threads = 0
        dtls10 = true
        alpn = ["coap", "h3"]
        priority = "NORMAL"
        mtu = "2KiB"
        send_buffer = "64kB"
        [credentials]
        client_auth = "require"
        client_ca = "/ca.pem"
        self_signed = true
        [cookies]
        rotate_every = "1m30s"
        [cookies.adaptive]
        handshake_cpu_high = "75%"
        [limits]
        idle_timeout = "0s"
        max_sessions = 5
        receive_queue_bytes = 4096
        [log]
        level = "debug"
    )",
                                     "a.toml")
                            .server;
    CHECK(server.listen ==
          std::vector{parse_endpoint("0.0.0.0:4433").value(), parse_endpoint("[::]:4434").value()});
    CHECK(server.threads == 0);
    CHECK(server.dtls_1_0);
    CHECK(server.alpn == std::vector<std::string>{"coap", "h3"});
    CHECK(server.priority == "NORMAL");
    CHECK(server.mtu == 2'048);
    CHECK(server.send_buffer_bytes == 64'000);
    CHECK(server.credentials.client_auth == client_certificates::require);
    CHECK(server.credentials.client_ca_file == "/ca.pem");
    CHECK(server.credentials.self_signed_if_none);
    CHECK(server.cookies.rotate_every == 90s);
    CHECK(server.cookies.adaptive.handshake_cpu_percent_high == 75);
    CHECK(server.limits.idle_timeout == 0ms);
    CHECK(server.limits.max_sessions == 5);
    CHECK(server.limits.receive_queue_bytes == 4'096);
    CHECK(server.log_level == log_level::debug);
}

TEST_CASE("Rules and forwards keep their order, and each table has its own values")
{
    const auto file = parse_config(R"(
        [[cookies.rule]]
        networks = ["10.20.0.0/16", "fd00::/8"]
        exchange = "drop"
        [[cookies.rule]]
        networks = "192.0.2.1"
        [[forward]]
        listen = "127.0.0.1:5684"
        to = "127.0.0.1:5683"
        [[forward]]
        listen = ["127.0.0.1:1", "[::1]:1"]
        to = "[::1]:2"
        idle_timeout = "7s"
        [metrics]
        listen = "[::1]:9433"
    )",
                                   "a.toml");
    const auto& rules = file.server.cookies.rules;
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].networks.size() == 2);
    CHECK(rules[0].exchange == cookie_exchange::drop);
    CHECK(rules[1].networks == std::vector{network::parse("192.0.2.1/32").value()});
    CHECK(rules[1].exchange == default_cookie_exchange());
    REQUIRE(file.forward.size() == 2);
    CHECK(file.forward[0].idle_timeout == 300s);
    CHECK(file.forward[0].listen.size() == 1);
    CHECK(to_string(file.forward[1].to) == "[::1]:2");
    CHECK(file.forward[1].idle_timeout == 7s);
    CHECK(file.metrics == ip::tcp::endpoint{ip::make_address("::1"), 9'433});
    CHECK(setting_of(file, "cookies.rule[1].networks") == "[\"192.0.2.1/32\"] from a.toml:6:9");
    CHECK(setting_of(file, "forward[1].idle_timeout") == "\"7s\" from a.toml:13:9");
    CHECK(setting_of(file, "forward[0].idle_timeout") == "\"5m\" from default");
}

TEST_CASE("Moves: a file sets the default, ordered rules and the shared networks")
{
    const auto file = parse_config(R"(
        shared_networks = ["100.64.0.0/10"]
        [connection_ids]
        moves = "limited"
        [[connection_ids.rule]]
        networks = ["10.20.0.0/16", "fd00::/8"]
        moves = "trusted"
        [[connection_ids.rule]]
        networks = "10.0.0.0/8"
    )",
                                   "a.toml");
    CHECK(file.server.shared_networks == std::vector{network::parse("100.64.0.0/10").value()});
    const auto& ids = file.server.connection_ids;
    CHECK(ids.moves == move_policy::limited);
    REQUIRE(ids.rules.size() == 2);
    CHECK(ids.rules[0].networks.size() == 2);
    CHECK(ids.rules[0].moves == move_policy::trusted);
    CHECK(ids.rules[1].moves == move_policy::sustained);
    CHECK(setting_of(file, "connection_ids.rule[0].moves") == "\"trusted\" from a.toml:7:9");
    CHECK(setting_of(file, "shared_networks") == "[\"100.64.0.0/10\"] from a.toml:2:9");
    const auto defaults = parse_config("", "b.toml");
    CHECK(setting_of(defaults, "connection_ids.moves") == "\"sustained\" from default");
    CHECK(setting_of(defaults, "limits.move_interval") == "\"50ms\" from default");
}

TEST_CASE("Settings: every key is listed with its value and its source")
{
    const auto file = parse_config("mtu = 1300\n[limits]\n  idle_timeout = \"90s\"\n", "dir/a.toml");
    CHECK(setting_of(file, "mtu") == "1300 from dir/a.toml:1:1");
    CHECK(setting_of(file, "limits.idle_timeout") == "\"1m30s\" from dir/a.toml:3:3");
    CHECK(setting_of(file, "handshake_mtu") == "1200 from default");
    CHECK(setting_of(file, "receive_buffer") == "\"4MiB\" from default");
    CHECK(setting_of(file, "listen") == "[] from default");
    CHECK(setting_of(file, "metrics.listen") == "\"\" from default");
    CHECK(setting_of(file, "cookies.rule[0].networks") == "none");
}

TEST_CASE("Settings: a file written from the settings has the same settings")
{
    const auto first = parse_config(
        "alpn = [\"a\\\"\\\\b\"]\nlisten = \"[::ffff:127.0.0.1]:1\"\n[cookies]\nexchange = \"drop\"\n"
        "[limits]\nmax_datagram_bytes = 1025\nclose_timeout = \"1001ms\"\n",
        "a.toml");
    std::string text;
    for (const auto& each : first.settings) text += each.key + " = " + each.value + "\n";
    const auto again = parse_config(text, "b.toml");
    REQUIRE(again.settings.size() == first.settings.size());
    for (std::size_t i = 0; i < first.settings.size(); ++i)
        CHECK(again.settings[i].value == first.settings[i].value);
    CHECK(again.server.alpn == std::vector<std::string>{"a\"\\b"});
}

TEST_CASE("Paths are relative to the folder of the file")
{
    const auto text =
        "[credentials]\ncertificate = \"tls/a.pem\"\nkey = \"/etc/a.key\"\npsk_file = \"../psk\"\n";
    const auto credentials = parse_config(text, "/etc/quivive/a.toml").server.credentials;
    REQUIRE(credentials.certificate);
    CHECK(credentials.certificate->chain_file == "/etc/quivive/tls/a.pem");
    CHECK(credentials.certificate->key_file == "/etc/a.key");
    CHECK(credentials.psk_file == "/etc/psk");
    CHECK(credentials.client_ca_file.empty());
    // Absolute paths: the output of `quivive check` does not depend on the working directory of its reader.
    CHECK(parse_config(text, "a.toml").server.credentials.certificate->chain_file ==
          (std::filesystem::current_path() / "tls/a.pem").string());
}

TEST_CASE("An empty path sets no file")
{
    const auto credentials =
        parse_config("[credentials]\ncertificate = \"\"\nkey = \"\"\nclient_ca = \"\"\n", "/etc/a.toml")
            .server.credentials;
    CHECK(!credentials.certificate);
    CHECK(credentials.client_ca_file.empty());
}

TEST_CASE("A file is read, and its problems start with its name")
{
    const test::temp_directory folder;
    const auto good =
        folder.write("good.toml", "listen = \"127.0.0.1:1\"\n[credentials]\npsk_file = \"psk\"\n");
    CHECK(read_config_file(good).server.credentials.psk_file == folder.file("psk"));
    CHECK(load_config(good).listen.size() == 1);

    const auto bad = folder.write("bad.toml", "mtu = 0\n");
    CHECK_THROWS_WITH(load_config(bad), test::StartsWith(bad + ":1:7: mtu: is 0"));
}

TEST_CASE("A file that cannot be read is reported as one problem with the reason")
{
    const test::temp_directory folder;
    CHECK_THROWS_WITH(load_config(folder.file("none")),
                      folder.file("none") + ": cannot be read: No such file or directory");
    CHECK_THROWS_WITH(
        load_config(folder.path()),
        folder.path().string() + ": cannot be read: it is a directory; give the path of a TOML file");
    if (geteuid() == 0) return;  // file modes do not restrict root
    const auto closed = folder.write("closed.toml", "");
    REQUIRE(chmod(closed.c_str(), 0) == 0);
    CHECK_THROWS_WITH(load_config(closed), closed + ": cannot be read: Permission denied");
}

TEST_CASE("A file has at most 1 MiB")
{
    const test::temp_directory folder;
    const std::string full = "#" + std::string(1'048'575, 'x');
    CHECK_NOTHROW(load_config(folder.write("full.toml", full)));
    CHECK_THROWS_AS(load_config(folder.write("more.toml", full + "x")), config_error);
    CHECK_THROWS_AS(load_config("/dev/zero"), config_error);
}
