#include "quivive/config_file.hpp"

#include "quivive/error.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <string>

using namespace quivive;
using test::has;

namespace {

using problem_list = std::vector<std::string>;

problem_list problems_of(std::string_view text)
{
    try {
        static_cast<void>(parse_config(text, "a.toml"));
        return {};
    } catch (const config_error& error) {
        return error.problems();
    }
}

}  // namespace

TEST_CASE("All problems are reported at once, in the order of the lines")
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

TEST_CASE("A problem of an array item is reported with the position of the item")
{
    const auto problems = problems_of(
        "listen = [\"127.0.0.1:1\",\n  \"localhost:2\",\n  3]\n[[cookies.rule]]\nexchange = \"drop\"\n"
        "networks = [\"10.0.0.0/8\",\n\"10.0.0.1/8\"]\n");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].starts_with("a.toml:2:3: listen: is \"localhost:2\"; it must be an address"));
    CHECK(problems[1].starts_with("a.toml:3:3: listen: is 3; "));
    CHECK(problems[2].starts_with("a.toml:7:1: cookies.rule[0].networks: is \"10.0.0.1/8\"; "));
}

TEST_CASE("A problem between two keys is reported at a key that the file contains")
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
    CHECK(authority.front().starts_with("a.toml:2:1: credentials.client_ca: has no effect"));
    const auto twice = problems_of("mtu = 1300\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:1\"]\n");
    CHECK(twice == problem_list{"a.toml:2:1: listen: has 127.0.0.1:1 twice; name it once"});
}

TEST_CASE("Required client certificates together with a PSK file are refused at their line unless allowed")
{
    const std::string both =
        "[credentials]\nclient_auth = \"require\"\nclient_ca = \"ca.pem\"\npsk_file = \"keys.psk\"\n";
    CHECK(problems_of(both) ==
          problem_list{
              "a.toml:2:1: credentials.client_auth: is \"require\", but clients with a PSK get in "
              "without a certificate (RFC 4279 2); leave psk_file or the look-up out, or allow that by "
              "client_auth_with_psk = true"});
    CHECK(problems_of(both + "client_auth_with_psk = true\n").empty());
}

TEST_CASE("RFC 6347 4.2.1: `never` for all networks is refused at its line")
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

TEST_CASE("A missing value is reported with the position of its table")
{
    const auto problems = problems_of("\n[[cookies.rule]]\nexchange = \"drop\"\n\n[[forward]]\n");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].starts_with("a.toml:2:1: cookies.rule[0].networks: is empty"));
    CHECK(problems[1].starts_with("a.toml:5:1: forward[0].listen: is missing"));
    CHECK(problems[2].starts_with("a.toml:5:1: forward[0].to: is missing"));
}

TEST_CASE("A problem that only follows from another one is not reported")
{
    CHECK(problems_of("[credentials]\ncertificate = \"a.pem\"\nkey = 3\n").size() == 1);
    CHECK(problems_of("[credentials]\ncertificate = \"a.pem\"\nkye = \"a.key\"\n").size() == 1);
    if (compiled_cookies() == cookie_build::runtime)
        CHECK(problems_of("[cookies]\nexchange = \"never\"\ntrust_all_networks = 1\n").size() == 1);
    CHECK(problems_of("[[cookies.rule]]\nnetworks = [\"bogus\"]\nexchange = \"drop\"\n").size() == 1);
    CHECK(problems_of("[[forward]]\nlisten = 1\nto = 2\n").size() == 2);
}

TEST_CASE("Two forwards cannot listen on the same address")
{
    const auto problems = problems_of(
        "[[forward]]\nlisten = \"127.0.0.1:1\"\nto = \"127.0.0.1:2\"\n"
        "[[forward]]\nlisten = \"127.0.0.1:1\"\nto = \"127.0.0.1:3\"\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().starts_with("a.toml:5:1: forward[1].listen: has 127.0.0.1:1"));
}

TEST_CASE("A table is accepted only where a table is expected")
{
    CHECK(problems_of("limits = 1\n") ==
          problem_list{"a.toml:1:1: limits: is 1; it must be a table, [limits]"});
    CHECK(problems_of("[[log]]\n") ==
          problem_list{"a.toml:1:3: log: is an array; it must be a table, [log]"});
    CHECK(problems_of("[forward]\nto = \"127.0.0.1:1\"\n") ==
          problem_list{"a.toml:1:2: forward: is a table; it must be an array of tables, [[forward]]"});
    CHECK(problems_of("forward = [1]\n") ==
          problem_list{"a.toml:1:12: forward[0]: is 1; it must be an array of tables, [[forward]]"});
    CHECK(problems_of("[mtu]\nx = 1\n").size() == 1);
}

TEST_CASE("A TOML syntax error is reported with its position")
{
    const auto problems = problems_of("mtu = 1400\n[limits\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().starts_with("a.toml:2:8: not TOML: "));
    CHECK(problems_of("mtu = 1400\nmtu = 1500\n").front().starts_with("a.toml:2:"));
    CHECK(problems_of("mtu = 99999999999999999999\n").front().starts_with("a.toml:1:"));
    CHECK(problems_of("\xff\xfe").size() == 1);
    CHECK(problems_of(std::string_view{"mtu = 1400\n\0", 12}).size() == 1);
}

TEST_CASE("A file that would fail an assertion of toml++ is refused with its line")
{
    for (const std::string wrong : {"alpn = [}", "alpn = [1, }", "[.a]", "[[.a]]", "alpn = [\n'a',\n}"}) {
        CAPTURE(wrong);
        const auto lines = 3 + std::ranges::count(wrong, '\n');
        const auto problems = problems_of("mtu = 1400\n\n" + wrong + "\n\nthreads = 1\n");
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().starts_with("a.toml:" + std::to_string(lines) + ":1: not TOML: "));
        CHECK(problems_of(wrong).size() == 1);  // also without a newline at the end
    }
}

TEST_CASE("Values of unexpected types are refused, and control characters are not printed")
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

TEST_CASE("A quoted key is a single name, and its dots and brackets do not select tables")
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

TEST_CASE("Key material in place of a file name is not printed")
{
    const auto problems = problems_of(
        "[credentials]\nkey = \"\"\"-----BEGIN PRIVATE KEY-----\nTOPSECRET\n\"\"\"\npsk_file = "
        "[\"id:deadbeef\"]\n"
        "[cookies]\nsecret = \"deadbeef\"\n");
    REQUIRE(problems.size() == 3);
    for (const auto& problem : problems)
        for (const auto* const part : {"TOPSECRET", "deadbeef", "BEGIN"}) CHECK(!has(problem, part));
}

TEST_CASE("A key with a non-ASCII letter is a TOML error at any position of the line")
{
    for (const char* text :
         {"\u00e9 = 1\n", "\u0499tu = 1\n", "mt\u00fc = 1\n", "[\u03bb]\n", "mtu = \u00e9\n"}) {
        CAPTURE(text);
        const auto problems = problems_of(text);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].starts_with("a.toml:1:"));
        CHECK(has(problems[0], "not TOML"));
    }
}
