#include "example_file.hpp"

#include "quivive/config_file.hpp"

#include "support/catch.hpp"

#include <algorithm>

using namespace quivive;
using test::example_keys;

namespace {

std::vector<std::string> names_of_schema()
{
    std::vector<std::string> names;
    for (const auto& key : config::schema()) names.push_back(key.name);
    return names;
}

// Returns the default that the code has without a file; adds a rule and a forward, so that their keys exist.
std::string default_of(const std::string& name)
{
    config_file defaults;
    defaults.server.cookies.rules.emplace_back();
    defaults.server.connection_ids.rules.emplace_back();
    defaults.forward.emplace_back();
    return config::find_key(name)->write(defaults, 0);
}

bool is_nothing(const std::string& value) { return value == "\"\"" || value == "[]"; }

// A key that may be commented out although it has a default.
bool has_reason(const std::string& name)
{
    if (name == "cookies.exchange") return true;   // a build without cookies has another default
    return name.find("[].") != std::string::npos;  // the table of the key is commented out
}

}  // namespace

TEST_CASE("examples/quivive.toml contains every key exactly once, in the order of the schema, and no other")
{
    std::vector<std::string> names;
    for (const auto& key : example_keys()) names.push_back(key.name);
    CHECK(names == names_of_schema());
}

TEST_CASE("examples/quivive.toml shows each key with the default of the code")
{
    for (const auto& key : example_keys()) {
        if (!key.active) continue;
        CAPTURE(key.name, key.line);
        REQUIRE(config::find_key(key.name) != nullptr);
        CHECK(key.value == default_of(key.name));
    }
}

TEST_CASE("examples/quivive.toml comments out keys that are empty by default or depend on the build")
{
    for (const auto& key : example_keys()) {
        CAPTURE(key.name, key.line);
        REQUIRE(config::find_key(key.name) != nullptr);
        const bool may_be_inactive = is_nothing(default_of(key.name)) || has_reason(key.name);
        CHECK(key.active == !may_be_inactive);
    }
    const auto keys = example_keys();
    const auto exchange = std::ranges::find(keys, "cookies.exchange", &test::example_key::name);
    REQUIRE(exchange != keys.end());
    if (compiled_cookies() != cookie_build::never) CHECK(exchange->value == default_of("cookies.exchange"));
    const auto idle = std::ranges::find(keys, "forward[].idle_timeout", &test::example_key::name);
    REQUIRE(idle != keys.end());
    CHECK(idle->value == default_of("forward[].idle_timeout"));
}

TEST_CASE("examples/quivive.toml is valid in every build and changes no default")
{
    const auto file = read_config_file(QUIVIVE_EXAMPLE_FILE);
    const auto defaults = config::settings_of(config_file{});
    REQUIRE(file.settings.size() == defaults.size());
    for (std::size_t i = 0; i < defaults.size(); ++i) {
        CAPTURE(defaults[i].key);
        CHECK(file.settings[i].key == defaults[i].key);
        CHECK(file.settings[i].value == defaults[i].value);
    }
    CHECK(file.server.listen.empty());
    CHECK(file.forward.empty());
    CHECK(!file.metrics);
}

TEST_CASE("examples/quivive.toml: `settings` reports the line of every active key")
{
    const auto file = read_config_file(QUIVIVE_EXAMPLE_FILE);
    for (const auto& key : example_keys()) {
        CAPTURE(key.name);
        const auto found = std::ranges::find(file.settings, key.name, &setting::key);
        if (!key.active) {
            CHECK((found == file.settings.end() || found->origin == "default"));
            continue;
        }
        REQUIRE(found != file.settings.end());
        CHECK(found->origin == QUIVIVE_EXAMPLE_FILE ":" + std::to_string(key.line) + ":1");
    }
}

TEST_CASE("examples/quivive.toml: the commented-out keys are valid too")
{
    if (compiled_cookies() != cookie_build::runtime) return;  // the rule is for builds that have a choice
    // client_ca has no effect while client_auth is "ignore", and "require" is refused together with psk_file.
    auto text = test::uncommented_example();
    const std::string ignore = "client_auth = \"ignore\"";
    text.replace(text.find(ignore), ignore.size(), "client_auth = \"request\"");
    const auto file = parse_config(text, "quivive.toml");
    for (const auto& setting : file.settings) {
        CAPTURE(setting.key);
        CHECK(setting.origin != "default");
    }
    CHECK(file.settings.size() == config::schema().size());
    CHECK(file.server.listen.size() == 2);
    CHECK(file.server.cookies.rules.size() == 1);
    CHECK(file.forward.size() == 1);
}
