#include "tls/psk_file.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

using namespace quivive;
using namespace quivive::tls;
using namespace std::literals;

namespace {

std::string hex_of(const psk_table& table, std::string_view identity)
{
    const auto* key = table.find(identity);
    if (key == nullptr) return "none";
    std::string hex;
    for (const auto b : key->bytes()) {
        hex += "0123456789abcdef"[std::to_integer<unsigned>(b) >> 4];
        hex += "0123456789abcdef"[std::to_integer<unsigned>(b) & 15];
    }
    return hex;
}

struct parsed {
    psk_table table;
    problem_list problems;
    std::vector<std::string> warnings{};
};

parsed parse(std::string_view text)
{
    parsed result;
    result.table = parse_psk(text, "keys.psk", result.problems, result.warnings);
    return result;
}

}  // namespace

TEST_CASE("A PSK file has lines of identity:hexkey and may have comments, empty lines and CRLF")
{
    const auto [table, problems, warnings] =
        parse("# the pumps\r\n\r\nalice:00ff10\r\n  \t\n  # indented\nbob:ABcd\n");
    CHECK(problems.empty());
    CHECK(table.size() == 2);
    CHECK(hex_of(table, "alice") == "00ff10");
    CHECK(hex_of(table, "bob") == "abcd");
}

TEST_CASE("The last line of a PSK file needs no newline, and the file may start with a byte order mark")
{
    const auto [table, problems, warnings] = parse(
        "\xef\xbb\xbf"
        "alice:01\nbob:02");
    CHECK(problems.empty());
    CHECK(hex_of(table, "alice") == "01");
    CHECK(hex_of(table, "bob") == "02");
}

TEST_CASE("The key of a PSK line starts after the last colon, so an identity may contain colons")
{
    const auto [table, problems, warnings] = parse("urn:dev:os:32473-123456:beef\n");
    CHECK(problems.empty());
    CHECK(hex_of(table, "urn:dev:os:32473-123456") == "beef");
    CHECK(hex_of(table, "urn") == "none");
}

TEST_CASE("A PSK identity is looked up as a whole and case-sensitively")
{
    const auto [table, problems, warnings] = parse("alice:00\n");
    CHECK(hex_of(table, "alic") == "none");
    CHECK(hex_of(table, "alice ") == "none");
    CHECK(hex_of(table, "Alice") == "none");
    CHECK(hex_of(table, "alice\0x"sv) == "none");
    CHECK(hex_of(table, "") == "none");
}

TEST_CASE(
    "RFC 4279 5.3: identities of 128 bytes and keys of 64 bytes are accepted, and longer ones are refused")
{
    const std::string longest_name(128, 'i'), longest_key(128, 'a');
    const auto taken = parse(longest_name + ":" + longest_key + "\n");
    CHECK(taken.problems.empty());
    CHECK(hex_of(taken.table, longest_name) == longest_key);

    const auto refused = parse(longest_name + "i:00\nbob:" + longest_key + "aa\n");
    CHECK(refused.table.size() == 0);
    CHECK(refused.problems == problem_list{"keys.psk:1: the identity is longer than 128 bytes",
                                           "keys.psk:2: the key is longer than 64 bytes"});
}

TEST_CASE("Every malformed PSK line is reported with its number and without a key")
{
    const auto [table, problems, warnings] = parse(
        "alice\n"
        ":00ff\n"
        "bob:\n"
        "carol:abc\n"
        "dave: 00ff\n"
        "erin:secret\n"
        "frank:00\n"
        "g\0g:00\n"sv);
    const auto not_hex = [](int line) {
        return "keys.psk:" + std::to_string(line) + ": the key is not pairs of hex digits, as in 00ff10";
    };
    CHECK(problems == problem_list{"keys.psk:1: has no colon; expected identity:hexkey",
                                   "keys.psk:2: the identity is empty; expected identity:hexkey", not_hex(3),
                                   not_hex(4), not_hex(5), not_hex(6), "keys.psk:8: the identity has a NUL"});
    CHECK(hex_of(table, "frank") == "00");
    CHECK(table.size() == 1);
}

TEST_CASE("A duplicate PSK identity is refused, and the first key is kept")
{
    const auto [table, problems, warnings] = parse("alice:01\nbob:02\nalice:03\n");
    CHECK(
        problems ==
        problem_list{"keys.psk:3: an earlier line already has a key for this identity; remove one of them"});
    CHECK(hex_of(table, "alice") == "01");
}

TEST_CASE("PSKs of fewer than 16 bytes cause one warning, which shows no key")
{
    CHECK(parse("alice:000102030405060708090a0b0c0d0e0f\n").warnings.empty());
    const auto one = parse("# keys\nalice:000102030405060708090a0b0c0d0e\n");
    CHECK(one.problems.empty());
    CHECK(hex_of(one.table, "alice") == "000102030405060708090a0b0c0d0e");
    const std::string sentence =
        "keys.psk:2: the key has 15 bytes; an attacker who records a handshake can find so short a key by "
        "exhaustive search; use 16 or more random bytes";
    CHECK(one.warnings == std::vector{sentence});
    CHECK(parse("# keys\nalice:000102030405060708090a0b0c0d0e\nbob:00\ncarol:beef\n").warnings ==
          std::vector{sentence + " (and 2 more lines have such keys)"});
}

TEST_CASE("A PSK file without a key is refused")
{
    CHECK(parse("# nobody yet\n").problems ==
          problem_list{"keys.psk: holds no key; expected lines of identity:hexkey"});
}

TEST_CASE("A PSK file that is missing, empty or a directory is reported with the reason")
{
    const test::temp_directory directory;
    problem_list problems, warnings;
    CHECK(load_psk_file(directory.file("none"), problems, warnings).size() == 0);
    CHECK(load_psk_file(directory.write("empty", ""), problems, warnings).size() == 0);
    CHECK(load_psk_file(directory.path().string(), problems, warnings).size() == 0);
    REQUIRE(problems.size() == 3);
    CHECK(problems[0] == directory.file("none") + ": cannot be read: No such file or directory");
    CHECK(problems[1] == directory.file("empty") + ": is empty");
    CHECK(problems[2] == directory.path().string() + ": is not a regular file; give the path of one");
}

TEST_CASE("A PSK file on disk is read whatever its size")
{
    const test::temp_directory directory;
    std::string text;
    for (int i = 0; i < 5'000; ++i)
        text += "device-" + std::to_string(i) + ":00112233445566778899aabbccddeeff\n";
    problem_list problems, warnings;
    const auto table = load_psk_file(directory.write("many.psk", text), problems, warnings);
    CHECK(problems.empty());
    CHECK(warnings.empty());
    CHECK(table.size() == 5'000);
    CHECK(hex_of(table, "device-4999") == "00112233445566778899aabbccddeeff");
}
