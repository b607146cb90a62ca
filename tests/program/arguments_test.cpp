#include "program/arguments.hpp"
#include "quivive/server_config.hpp"
#include "support/catch.hpp"

#include <stdexcept>

using namespace std::chrono_literals;
using namespace quivive::program;

namespace {

/// Returns the error message of `read`; empty if there is none.
template <typename Read>
std::string objection(Read read)
{
    try {
        (void)read();
        return {};
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("a number of seconds may have decimals, and only 0 is parsed as zero")
{
    CHECK(read_seconds("2.5", zero::refused) == 2'500ms);
    CHECK(read_seconds("0", zero::allowed) == 0ms);
    CHECK(read_seconds("0.0001", zero::refused) == 1ms);
    CHECK(read_seconds("1000000", zero::allowed) == 1'000'000s);
}

TEST_CASE("the error message for an invalid number of seconds quotes it and shows the valid range")
{
    for (const auto* text : {"", "x", "-1", "1s", " 1", "nan", "inf", "1e9", "1000000.001"}) {
        CAPTURE(text);
        CHECK(objection([&] { return read_seconds(text, zero::allowed); }) ==
              "'" + std::string{text} + "' is not a number of seconds from 0 to 1000000");
    }
    CHECK(objection([] { return read_seconds("0", zero::refused); }) ==
          "'0' is not a number of seconds above 0, up to 1000000");
}

TEST_CASE("counts are whole numbers within their range")
{
    CHECK(read_count("1", 1, 8) == 1);
    CHECK(read_count("8", 1, 8) == 8);
    for (const auto* text : {"", "0", "9", "-1", "1.5", "0x1", "99999999999999999999999", "1 "}) {
        CAPTURE(text);
        CHECK(objection([&] { return read_count(text, 1, 8); }) ==
              "'" + std::string{text} + "' is not a whole number from 1 to 8");
    }
}

TEST_CASE("an address argument requires a port")
{
    CHECK(read_endpoint("[::1]:4433").port() == 4433);
    CHECK(objection([] { return read_endpoint("127.0.0.1"); }) ==
          "'127.0.0.1' is not ADDR:PORT, as in 127.0.0.1:4433 or [::1]:4433");
}

TEST_CASE("the argument for the cookie exchange is always, never, adaptive or drop")
{
    CHECK(read_cookie_exchange("always") == quivive::cookie_exchange::always);
    CHECK(read_cookie_exchange("never") == quivive::cookie_exchange::never);
    CHECK(read_cookie_exchange("adaptive") == quivive::cookie_exchange::adaptive);
    CHECK(read_cookie_exchange("drop") == quivive::cookie_exchange::drop);
    CHECK(objection([] { return read_cookie_exchange("maybe"); }) ==
          "'maybe' is not 'always', 'never', 'adaptive' or 'drop'");
}

TEST_CASE("the identity of a named key may contain colons")
{
    const auto read = read_named_key("urn:dev:7:00ff");
    CHECK(read.identity == "urn:dev:7");
    CHECK(read.key.bytes() == std::vector{std::byte{0x00}, std::byte{0xff}});
}

TEST_CASE("a malformed key is refused, and the error message never contains it")
{
    for (const auto* text : {"", "id", ":00ff", "id:", "id:0", "id:5ecrets", "id:00 ff"}) {
        CAPTURE(text);
        const auto told = objection([&] { return read_named_key(text); });
        CHECK(told.find("ID:HEX") != std::string::npos);
        CHECK(told.find("5ecret") == std::string::npos);
    }
}

TEST_CASE("keys among the arguments are hidden, and the other arguments stay unchanged")
{
    std::vector<std::string> words{"quivive",         "client", "[::1]:5684", "--psk",      "urn:me:00ff",
                                   "--psk=me:5ec2e7", "--psk",  "nocolon",    "--ca=--psk", "file:name"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    hide_named_keys(arguments);
    CHECK(words == std::vector<std::string>{"quivive", "client", "[::1]:5684", "--psk", "urn:me:****",
                                            "--psk=me:******", "--psk", "*******", "--ca=--psk",
                                            "file:name"});
    std::string last = "--psk";
    arguments = {last.data()};
    hide_named_keys(arguments);
    CHECK(last == "--psk");
}
