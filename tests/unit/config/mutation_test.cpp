#include "example_file.hpp"

#include "quivive/config_file.hpp"
#include "quivive/error.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <random>
#include <string_view>

using namespace quivive;

namespace {

/// A file with a single error.
struct mutant {
    std::string text;
    std::string key;   ///< key that a message must name
    std::size_t line;  ///< line that a message must name
};

/// Text before the key, and the key, which is on the last line.
struct frame {
    std::string before;
    std::string key;  ///< as in messages: "cookies.rule[0].networks"
    std::string name;
};

// Returns the text around a key: its table, and for a table of an array also the other required keys.
frame frame_of(const std::string& name)
{
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) return {"# a comment\n", name, name};
    const auto table = name.substr(0, dot);
    const auto last = name.substr(dot + 1);
    if (!table.ends_with("[]")) return {"\n[" + table + "]\n", name, last};
    const auto array = table.substr(0, table.size() - 2);
    std::string before = "[[" + array + "]]\n";
    for (const std::string need : {"networks = \"192.0.2.0/24\"", "exchange = \"drop\"",
                                   "listen = \"127.0.0.1:1\"", "to = \"127.0.0.1:2\""}) {
        const auto key = need.substr(0, need.find(' '));
        if (key != last && config::find_key(table + "." + key) != nullptr) before += need + "\n";
    }
    return {before, array + "[0]." + last, last};
}

std::size_t lines_of(const std::string& text)
{
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

bool is_accepted(const std::string& name, const std::string& value)
{
    try {
        static_cast<void>(
            parse_config(frame_of(name).before + frame_of(name).name + " = " + value + "\n", "m.toml"));
        return true;
    } catch (const config_error&) {
        return false;
    }
}

mutant with_value(const std::string& name, const std::string& value)
{
    const auto frame = frame_of(name);
    return {frame.before + frame.name + " = " + value + "\n", frame.key, lines_of(frame.before) + 1};
}

mutant misspelt(const std::string& name, const std::string& spelling, const std::string& value)
{
    auto frame = frame_of(name);
    const auto prefix = frame.key.substr(0, frame.key.size() - frame.name.size());
    return {frame.before + spelling + " = " + value + "\n", prefix + spelling, lines_of(frame.before) + 1};
}

std::vector<std::string> spellings(std::string name)
{
    auto swapped = name;
    std::swap(swapped[0], swapped[1]);
    return {name + "x", "x" + name, swapped, name.substr(1)};
}

bool expects(const config::key& key, std::string_view what)
{
    return key.expects.find(what) != std::string::npos;
}

// Returns values of types other than the expected one. A string has an expected type for some keys, but then
// an invalid value.
std::vector<std::string> wrong_types(const config::key& key)
{
    std::vector<std::string> values{"1.5", "nan", "1979-05-27", "07:32:00", "{ a = 1 }", "[[1]]", "[{}]"};
    if (!expects(key, "true or false")) values.emplace_back("true");
    if (!expects(key, "number")) values.emplace_back("7");
    if (!expects(key, "a string") && !expects(key, "path")) values.emplace_back("\"no such thing\"");
    return values;
}

std::vector<std::string> out_of_range(const config::key& key)
{
    if (expects(key, "a time"))
        return {"\"366d\"", "\"99999999999999999999d\"", "\"-1s\"", "-9223372036854775808"};
    if (expects(key, "number"))
        return {"-1", "9223372036854775807", "-9223372036854775808", "\"99999999999GiB\""};
    if (expects(key, "a share")) return {"\"0%\"", "\"101%\"", "\"99999999999999999999%\"", "\"-1%\""};
    if (expects(key, "network")) {
        std::vector<std::string> values{"[\"10.0.0.0/33\"]", "\"10.0.0.1/8\"", "[\"::1\", \"256.0.0.0/8\"]"};
        if (key.name.ends_with(".rule[].networks")) values.emplace_back("[]");  // for other keys it means all
        return values;
    }
    if (expects(key, "names"))
        return {"[\"\"]", "[\"" + std::string(32, 'n') + "\"]",
                R"(["1", "2", "3", "4", "5", "6", "7", "8", "9"])"};
    if (expects(key, "address")) return {"\"127.0.0.1:65536\"", "\"256.0.0.1:1\"", "\"127.0.0.1\""};
    return {"\"a\\u0000b\""};  // for a string, a path or one of several names
}

std::vector<std::string> wrong_units(const config::key& key)
{
    if (expects(key, "a time")) return {"\"30\"", "30", "\"30sec\"", "\"30KiB\"", "\"30 s\"", "\"30s1m\""};
    if (expects(key, "a share")) return {"50", "\"50\"", "\"0.5\"", "\"50s\""};
    if (expects(key, "bytes,")) return {"\"2048\"", "\"2KB\"", "\"2K\"", "\"2 KiB\"", "\"2s\"", "\"2kib\""};
    if (expects(key, "number")) return {"\"7\"", "\"1k\"", "\"1KiB\""};
    return {};
}

std::vector<mutant> mutants()
{
    std::vector<mutant> all;
    for (const auto& key : config::schema()) {
        for (const auto& values : {wrong_types(key), out_of_range(key), wrong_units(key)})
            for (const auto& value : values) all.push_back(with_value(key.name, value));
        for (const auto& spelling : spellings(frame_of(key.name).name))
            all.push_back(misspelt(key.name, spelling, "1"));
    }
    return all;
}

bool names(const std::string& message, const mutant& of)
{
    return message.starts_with("m.toml:" + std::to_string(of.line) + ":") &&
           message.find(": " + of.key + ": ") != std::string::npos;
}

}  // namespace

TEST_CASE("Mutated files: a wrong type, range, unit or spelling of every key is reported with line and name")
{
    const auto all = mutants();
    CHECK(all.size() >= 200);
    for (const auto& mutant : all) {
        CAPTURE(mutant.text);
        try {
            static_cast<void>(parse_config(mutant.text, "m.toml"));
            FAIL_CHECK("was accepted");
        } catch (const config_error& error) {
            CAPTURE(error.what());
            CHECK(
                std::ranges::any_of(error.problems(), [&](const auto& each) { return names(each, mutant); }));
        }
    }
}

TEST_CASE("Mutated files: the text around each error is valid without the error")
{
    for (const auto& key : test::example_keys()) {
        CAPTURE(key.name, key.value);
        const bool alone = !key.name.starts_with("credentials.") && !key.name.starts_with("cookies.");
        if (alone) CHECK(is_accepted(key.name, key.value));
    }
}

TEST_CASE("Mutated files: the message for a misspelt key suggests the correct key")
{
    for (const auto& key : config::schema()) {
        const auto name = frame_of(key.name).name;
        const auto wrong = misspelt(key.name, name + "x", "1");
        CAPTURE(wrong.text);
        CHECK_THROWS_WITH(parse_config(wrong.text, "m.toml"),
                          test::has_part("did you mean \"" + name + "\"?"));
    }
}

TEST_CASE("Mutated files: bytes changed, removed or duplicated anywhere cause no crash")
{
    const auto whole = test::uncommented_example();
    std::mt19937 random{4433};  // NOLINT: the same files each time
    const auto below = [&](std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
    };
    constexpr std::string_view likely = "\"'[]{}=.,#\n\\%-0159eszTd\0\x7f\xc3";
    std::size_t refused = 0;
    constexpr std::size_t rounds = 300;
    for (std::size_t round = 0; round < rounds; ++round) {
        auto text = whole;
        for (std::size_t fault = 0; fault < 1 + below(3); ++fault) {
            const auto at = below(text.size());
            const auto kind = below(4);
            if (kind == 0) text[at] = likely[below(likely.size())];
            if (kind == 1) text.erase(at, 1 + below(20));
            if (kind == 2) text.insert(at, text.substr(below(text.size()), below(60)));
            if (kind == 3) text.insert(at, 1, likely[below(likely.size())]);
        }
        CAPTURE(round);
        try {
            static_cast<void>(parse_config(text, "m.toml"));
        } catch (const config_error& error) {
            ++refused;
            for (const auto& each : error.problems()) CHECK(each.starts_with("m.toml:"));
        }
    }
    CHECK(refused > rounds / 4);  // the other rounds changed only prose
}
