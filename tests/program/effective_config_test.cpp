#include "program/check_command.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <vector>

using quivive::parse_config;
using quivive::setting;
using quivive::program::effective_config;

namespace {

std::vector<std::string> keys_and_values(const std::vector<setting>& settings)
{
    std::vector<std::string> lines;
    for (const auto& one : settings) lines.push_back(one.key + " = " + one.value);
    return lines;
}

void replace(std::string& text, const std::string& from, const std::string& to)
{
    if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

/// Replaces the values that a build other than `-DQUIVIVE_COOKIES=RUNTIME` refuses.
std::string for_this_build(std::string text)
{
    if (quivive::compiled_cookies() == quivive::cookie_build::runtime) return text;
    replace(text, "adaptive\"", "drop\"");
    replace(text, "never\"", "drop\"");
    replace(text, "secret_file =", "# secret_file =");
    return text;
}

const std::string everything = for_this_build(R"(
listen = ["127.0.0.1:4433", "[::1]:4433"]
alpn = ["coap", "a\"b\\c\u0001"]
threads = 0
[credentials]
certificate = "/keys/server.pem"
key = "/keys/ser#ver.key"
[cookies]
exchange = "adaptive"
secret_file = "/keys/secret"
[cookies.adaptive]
hold = "1m30s"
[[cookies.rule]]
networks = ["10.20.0.0/16", "fd00::/8"]
exchange = "never"
[[cookies.rule]]
networks = ["192.0.2.7"]
exchange = "drop"
[limits]
idle_timeout = "0s"
max_datagram_bytes = "2KiB"
[metrics]
listen = "[::1]:9433"
[[forward]]
listen = ["0.0.0.0:5684"]
to = "127.0.0.1:5683"
[[forward]]
listen = ["0.0.0.0:5694"]
to = "[::1]:5683"
idle_timeout = "1h"
)");

}  // namespace

TEST_CASE("the effective configuration lists keys under their tables, and one table for each array element")
{
    const std::vector<setting> settings{
        {"listen", R"(["127.0.0.1:1"])", "a.toml:1:1"},
        {"cookies.exchange", R"("always")", "default"},
        {"cookies.rule[0].networks", R"(["10.0.0.0/8"])", "a.toml:3:1"},
        {"cookies.rule[0].exchange", R"("never")", "a.toml:4:1"},
        {"cookies.rule[1].exchange", R"("drop")", "a.toml:6:1"},
        {"cookies.adaptive.hold", R"("5s")", "default"},
    };
    CHECK(effective_config(settings) ==
          "listen = [\"127.0.0.1:1\"]                        # a.toml:1:1\n"
          "\n[cookies]\n"
          "exchange = \"always\"                             # default\n"
          "\n[[cookies.rule]]\n"
          "networks = [\"10.0.0.0/8\"]                       # a.toml:3:1\n"
          "exchange = \"never\"                              # a.toml:4:1\n"
          "\n[[cookies.rule]]\n"
          "exchange = \"drop\"                               # a.toml:6:1\n"
          "\n[cookies.adaptive]\n"
          "hold = \"5s\"                                     # default\n");
}

TEST_CASE("the effective configuration shows the origin even after a value that fills the line")
{
    const std::string value = '"' + std::string(60, 'x') + '"';
    CHECK(effective_config({{"priority", value, "default"}}) == "priority = " + value + " # default\n");
}

TEST_CASE("the effective configuration is a file with the same settings")
{
    const auto read = parse_config(everything, "dir/a.toml");
    const auto printed = effective_config(read.settings);
    INFO(printed);
    const auto again = parse_config(printed, "elsewhere/b.toml");

    CHECK(keys_and_values(again.settings) == keys_and_values(read.settings));
    CHECK(again.server.listen == read.server.listen);
    CHECK(again.server.alpn == read.server.alpn);
    CHECK(again.server.cookies.rules.size() == 2);
    CHECK(again.forward.at(1).to == read.forward.at(1).to);
    CHECK(again.forward.at(1).idle_timeout == std::chrono::hours{1});
    CHECK(again.metrics == read.metrics);
}

TEST_CASE("the effective configuration of an empty file is a file with the same settings, all defaults")
{
    const auto read = parse_config("", "empty.toml");
    const auto printed = effective_config(read.settings);
    INFO(printed);

    CHECK(keys_and_values(parse_config(printed, "b.toml").settings) == keys_and_values(read.settings));
    CHECK(std::ranges::all_of(read.settings, [](const setting& one) { return one.origin == "default"; }));
}

TEST_CASE("a key from the file has its line and column as its origin, and other keys are marked as defaults")
{
    const auto read = parse_config("threads = 2\n[cookies]\n  rotate_every = \"10s\"\n", "dir/a.toml");
    const auto origin_of = [&](std::string_view key) {
        return std::ranges::find(read.settings, key, &setting::key)->origin;
    };
    CHECK(origin_of("threads") == "dir/a.toml:1:1");
    CHECK(origin_of("cookies.rotate_every") == "dir/a.toml:3:3");
    CHECK(origin_of("cookies.exchange") == "default");
}
