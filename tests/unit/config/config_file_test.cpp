#include "quivive/config_file.hpp"

#include "quivive/error.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <string>

using namespace quivive;
using namespace std::chrono_literals;
namespace ip = boost::asio::ip;

namespace {

using problem_list = std::vector<std::string>;

problem_list problems_of(std::string_view text, const std::string& name = "a.toml")
{
    try {
        static_cast<void>(parse_config(text, name));
        return {};
    } catch (const config_error& error) {
        return error.problems();
    }
}

std::string setting_of(const config_file& file, std::string_view key)
{
    const auto found = std::ranges::find(file.settings, key, &setting::key);
    return found == file.settings.end() ? "none" : found->value + " from " + found->origin;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("An empty file is the defaults; `listen` may come from elsewhere")
{
    const auto file = parse_config("", "a.toml");
    CHECK(file.server.listen.empty());
    CHECK(file.server.mtu == server_config{}.mtu);
    CHECK(file.server.cookies.exchange == default_cookie_exchange());
    CHECK(!file.server.credentials.certificate);
    CHECK(std::ranges::all_of(file.settings, [](const auto& each) { return each.origin == "default"; }));
}

TEST_CASE("Every kind of value reaches its struct")
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

TEST_CASE("Rules and forwards keep their order; each table has its own values")
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

TEST_CASE("Settings: every key with its value and where it comes from")
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

TEST_CASE("Settings: a file made of them says the same again")
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

TEST_CASE("Paths are relative to the file's folder")
{
    const auto text =
        "[credentials]\ncertificate = \"tls/a.pem\"\nkey = \"/etc/a.key\"\npsk_file = \"../psk\"\n";
    const auto credentials = parse_config(text, "/etc/quivive/a.toml").server.credentials;
    REQUIRE(credentials.certificate);
    CHECK(credentials.certificate->chain_file == "/etc/quivive/tls/a.pem");
    CHECK(credentials.certificate->key_file == "/etc/a.key");
    CHECK(credentials.psk_file == "/etc/quivive/../psk");
    CHECK(credentials.client_ca_file.empty());
    CHECK(parse_config(text, "a.toml").server.credentials.certificate->chain_file == "tls/a.pem");
}

TEST_CASE("An empty path is none")
{
    const auto credentials =
        parse_config("[credentials]\ncertificate = \"\"\nkey = \"\"\nclient_ca = \"\"\n", "/etc/a.toml")
            .server.credentials;
    CHECK(!credentials.certificate);
    CHECK(credentials.client_ca_file.empty());
}

TEST_CASE("All problems are told at once, in the order of the lines")
{
    const auto problems = problems_of(
        "mtu = 1\n"
        "[log]\n"
        "  level = \"loud\"\n"
        "[limits]\n"
        "idle_timeout = 30\n"
        "colse_timeout = \"1s\"\n"
        "[cookies.adaptive]\n"
        "half_open_high = 3\n");
    CHECK(
        problems ==
        problem_list{
            "a.toml:1:7: mtu: is 1; it must be a number of bytes, or a size such as \"64KiB\" or \"64kB\", "
            "256..65507",
            "a.toml:3:11: log.level: is \"loud\"; it must be \"debug\", \"info\", \"warning\" or \"error\"",
            "a.toml:5:16: limits.idle_timeout: is 30, without a unit; write \"30s\" or \"30ms\"; it must "
            "be a time such as \"30s\", \"250ms\" or \"1m30s\", 0s..365d",
            "a.toml:6:1: limits.colse_timeout: is unknown; did you mean \"close_timeout\"?",
            "a.toml:8:1: cookies.adaptive.half_open_high: half_open_low is 128 and half_open_high is 3; the "
            "low mark must be below the high one"});
}

TEST_CASE("A problem of one item of an array is told with the item's place")
{
    const auto problems = problems_of(
        "listen = [\"127.0.0.1:1\",\n  \"localhost:2\",\n  3]\n[[cookies.rule]]\nexchange = \"drop\"\n"
        "networks = [\"10.0.0.0/8\",\n\"10.0.0.1/8\"]\n");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].starts_with("a.toml:2:3: listen: is \"localhost:2\"; it must be an address"));
    CHECK(problems[1].starts_with("a.toml:3:3: listen: is 3; "));
    CHECK(problems[2].starts_with("a.toml:7:1: cookies.rule[0].networks: is \"10.0.0.1/8\"; "));
}

TEST_CASE("A problem of two keys has the place of one that is in the file")
{
    const auto certificate = problems_of("[credentials]\n  certificate = \"a.pem\"\n");
    REQUIRE(certificate.size() == 1);
    CHECK(certificate.front().starts_with("a.toml:2:3: credentials.certificate: has no key"));
    const auto key = problems_of("[credentials]\nkey = \"a.key\"\n");
    REQUIRE(key.size() == 1);
    CHECK(key.front().starts_with("a.toml:2:1: credentials.key: has no certificate"));
    const auto auth = problems_of("credentials.client_auth = \"request\"\n");
    REQUIRE(auth.size() == 1);
    CHECK(auth.front().starts_with("a.toml:1:13: credentials.client_auth: "));
    const auto authority = problems_of("[credentials]\nclient_ca = \"ca.pem\"\n");
    REQUIRE(authority.size() == 1);
    CHECK(authority.front().starts_with("a.toml:2:1: credentials.client_ca: is of no use"));
    const auto twice = problems_of("mtu = 1300\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:1\"]\n");
    CHECK(twice == problem_list{"a.toml:2:1: listen: has 127.0.0.1:1 twice; name it once"});
}

TEST_CASE("RFC 6347 4.2.1: `never` for everyone is refused where it stands")
{
    if (compiled_cookies() != cookie_build::runtime) return;
    const auto everyone = problems_of("[cookies]\nexchange = \"never\"\n");
    REQUIRE(everyone.size() == 1);
    CHECK(everyone.front().starts_with("a.toml:2:1: cookies.exchange: is \"never\" for all networks; RFC"));
    const auto rule = problems_of(
        "[[cookies.rule]]\nnetworks = \"10.0.0.0/8\"\nexchange = \"never\"\n"
        "[[cookies.rule]]\nexchange = \"never\"\nnetworks = [\"::/0\"]\n");
    REQUIRE(rule.size() == 1);
    CHECK(rule.front().starts_with("a.toml:5:1: cookies.rule[1].exchange: is \"never\" for all networks"));
    CHECK(problems_of("[cookies]\nexchange = \"never\"\ntrust_all_networks = true\n").empty());
}

TEST_CASE("What is missing is told with the place of the table that lacks it")
{
    const auto problems = problems_of("\n[[cookies.rule]]\nexchange = \"drop\"\n\n[[forward]]\n");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].starts_with("a.toml:2:1: cookies.rule[0].networks: is empty"));
    CHECK(problems[1].starts_with("a.toml:5:1: forward[0].listen: is missing"));
    CHECK(problems[2].starts_with("a.toml:5:1: forward[0].to: is missing"));
}

TEST_CASE("What would only follow from another problem is not told")
{
    CHECK(problems_of("[credentials]\ncertificate = \"a.pem\"\nkey = 3\n").size() == 1);
    CHECK(problems_of("[credentials]\ncertificate = \"a.pem\"\nkye = \"a.key\"\n").size() == 1);
    if (compiled_cookies() == cookie_build::runtime)
        CHECK(problems_of("[cookies]\nexchange = \"never\"\ntrust_all_networks = 1\n").size() == 1);
    CHECK(problems_of("[[cookies.rule]]\nnetworks = [\"bogus\"]\nexchange = \"drop\"\n").size() == 1);
    CHECK(problems_of("[[forward]]\nlisten = 1\nto = 2\n").size() == 2);
}

TEST_CASE("Two forwards cannot have one address")
{
    const auto problems = problems_of(
        "[[forward]]\nlisten = \"127.0.0.1:1\"\nto = \"127.0.0.1:2\"\n"
        "[[forward]]\nlisten = \"127.0.0.1:1\"\nto = \"127.0.0.1:3\"\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().starts_with("a.toml:5:1: forward[1].listen: has 127.0.0.1:1"));
}

TEST_CASE("A table is where a table is expected, and nowhere else")
{
    CHECK(problems_of("limits = 1\n") ==
          problem_list{"a.toml:1:1: limits: is 1; it must be a table, [limits]"});
    CHECK(problems_of("[[log]]\n") ==
          problem_list{"a.toml:1:3: log: is an array; it must be a table, [log]"});
    CHECK(problems_of("[forward]\nto = \"127.0.0.1:1\"\n") ==
          problem_list{"a.toml:1:2: forward: is a table; it must be an array of tables, [[forward]]"});
    CHECK(problems_of("forward = [1]\n").front() ==
          "a.toml:1:12: forward[0]: is 1; it must be an array of tables, [[forward]]");
    CHECK(problems_of("[mtu]\nx = 1\n").size() == 1);
}

TEST_CASE("What is not TOML is told with its place")
{
    const auto problems = problems_of("mtu = 1400\n[limits\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().starts_with("a.toml:2:8: not TOML: "));
    CHECK(problems_of("mtu = 1400\nmtu = 1500\n").front().starts_with("a.toml:2:"));
    CHECK(problems_of("mtu = 99999999999999999999\n").front().starts_with("a.toml:1:"));
    CHECK(problems_of("\xff\xfe").size() == 1);
    CHECK(problems_of(std::string_view{"mtu = 1400\n\0", 12}).size() == 1);
}

TEST_CASE("What makes an assertion of toml++ fail is an error like others, and has its line")
{
    for (const std::string wrong : {"alpn = [}", "alpn = [1, }", "[.a]", "[[.a]]", "alpn = [\n'a',\n}"}) {
        CAPTURE(wrong);
        const auto lines = 3 + std::ranges::count(wrong, '\n');
        const auto problems = problems_of("mtu = 1400\n\n" + wrong + "\n\nthreads = 1\n");
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().starts_with("a.toml:" + std::to_string(lines) + ":1: not TOML: "));
        CHECK(problems_of(wrong).size() == 1);  // also without an end of line
    }
}

TEST_CASE("Odd values are refused by type, and control characters are not passed on")
{
    for (const std::string odd : {"1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "nan", "-inf", "1e400",
                                  "-9223372036854775808", "9223372036854775807", "{}", "[[[]]]"}) {
        CAPTURE(odd);
        const auto problems = problems_of("\nmtu = " + odd + "\n");
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().starts_with("a.toml:2:"));
    }
    for (const std::string key : {"priority", "listen"}) {
        const auto problems = problems_of(key + " = \"127.0.0.1:1\\u0000\"\n");
        CAPTURE(key);
        REQUIRE(problems.size() == 1);
        CHECK(!has(problems.front(), std::string{'\0'}));
    }
    const auto name = problems_of("\"a\\nb\\u001b[31m\" = 1\n");
    REQUIRE(name.size() == 1);
    CHECK(name.front().find_first_of("\n\x1b") == std::string::npos);
}

TEST_CASE("A name in quotes is a name, whatever is in it, and not a way into tables")
{
    for (const std::string name :
         {"limits.mtu", "limits.idle_timeout", "cookies.rule[]", "cookies.rule[].networks", "forward[].to",
          "forward[]", "", ".", "cookies.rule[0]"}) {
        CAPTURE(name);
        const auto problems = problems_of("\"" + name + "\" = \"10.0.0.0/8\"\n");
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().starts_with("a.toml:1:1: \"" + name + "\": is unknown; "));
    }
    CHECK(problems_of("\"mtu\" = 1300\n").empty());
    CHECK(problems_of("'limits'.\"idle_timeout\" = \"1s\"\n").empty());
}

TEST_CASE("A key in place of a file's name is not told")
{
    const auto problems = problems_of(
        "[credentials]\nkey = \"\"\"-----BEGIN PRIVATE KEY-----\nTOPSECRET\n\"\"\"\npsk_file = "
        "[\"id:deadbeef\"]\n"
        "[cookies]\nsecret = \"deadbeef\"\n");
    REQUIRE(problems.size() == 3);
    for (const auto& problem : problems)
        for (const auto* const part : {"TOPSECRET", "deadbeef", "BEGIN"}) CHECK(!has(problem, part));
}

TEST_CASE("A file is read, and its problems have its name")
{
    const test::temp_directory folder;
    const auto good =
        folder.write("good.toml", "listen = \"127.0.0.1:1\"\n[credentials]\npsk_file = \"psk\"\n");
    CHECK(read_config_file(good).server.credentials.psk_file == folder.file("psk"));
    CHECK(load_config(good).listen.size() == 1);

    const auto bad = folder.write("bad.toml", "mtu = 0\n");
    CHECK_THROWS_WITH(load_config(bad), Catch::StartsWith(bad + ":1:7: mtu: is 0"));
}

TEST_CASE("A file that cannot be read is one problem, and says why")
{
    const test::temp_directory folder;
    CHECK_THROWS_WITH(load_config(folder.file("none")),
                      folder.file("none") + ": cannot be read: No such file or directory");
    CHECK_THROWS_WITH(
        load_config(folder.path()),
        folder.path().string() + ": cannot be read: it is a directory; give the path of a TOML file");
    if (geteuid() == 0) return;  // whom no mode stops
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
