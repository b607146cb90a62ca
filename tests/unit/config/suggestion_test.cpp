#include "config/suggestion.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"

using namespace quivive::config;

namespace {

bool says(std::string_view table, std::string_view name, const std::string& part)
{
    const auto text = suggest(table, name).text;
    UNSCOPED_INFO(text);
    return quivive::test::has(text, part);
}

}  // namespace

TEST_CASE("Damerau-Levenshtein: each inserted, removed, changed or swapped letter counts one")
{
    CHECK(distance("mtu", "mtu", 3) == 0);
    CHECK(distance("mtu", "mtus", 3) == 1);
    CHECK(distance("mtu", "mu", 3) == 1);
    CHECK(distance("mtu", "mtv", 3) == 1);
    CHECK(distance("mtu", "tmu", 3) == 1);
    CHECK(distance("threads", "htreasd", 3) == 2);
    CHECK(distance("", "abc", 3) == 3);
    CHECK(distance("", "", 0) == 0);
    CHECK(distance("kitten", "sitting", 9) == 3);
}

TEST_CASE("A distance above the limit is only reported as above the limit")
{
    CHECK(distance("a", "abcdefgh", 3) > 3);
    CHECK(distance("abcdefgh", "zyxwvuts", 3) > 3);
    CHECK(distance(std::string(1'000'000, 'x'), "listen", 2) > 2);
}

TEST_CASE("The suggestion for a misspelt key is the nearest key of its table")
{
    CHECK(suggest("", "treads").nearest == "threads");
    CHECK(suggest("", "limit").nearest == "limits");
    CHECK(suggest("limits", "idel_timeout").nearest == "idle_timeout");
    CHECK(suggest("limits", "max_half_opens").nearest == "max_half_open");
    CHECK(suggest("cookies", "rules").nearest == "rule");
    CHECK(suggest("cookies.rule[]", "network").nearest == "networks");
    CHECK(suggest("cookies.adaptive", "holds").nearest == "hold");
    CHECK(says("", "treads", "did you mean \"threads\"?"));
}

TEST_CASE("The suggestion for a key in the wrong table names the right table")
{
    CHECK(says("", "rotate_every", "\"rotate_every\" in [cookies]"));
    CHECK(says("limits", "mtu", "\"mtu\" at the top of the file"));
    CHECK(says("cookies", "networks", "in [[cookies.rule]]"));
    CHECK(says("cookies", "half_open_high", "in [cookies.adaptive]"));
    CHECK(says("", "idle_timeout", "in [limits], or \"idle_timeout\" in [[forward]]"));
    CHECK(says("", "rotat_every", "\"rotate_every\" in [cookies]"));  // also misspelt
    CHECK(suggest("", "rotate_every").nearest.empty());
}

TEST_CASE("The message for a key that resembles none lists the known keys")
{
    CHECK(says("log", "zzzzzzzzzz", "known keys in [log]: level"));
    CHECK(says("", "zzzzzzzzzz", "known keys at the top of the file: listen, threads"));
    CHECK(says("forward[]", "zzzzzzzzzz", "known keys in [[forward]]: listen, to, idle_timeout"));
}
