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

TEST_CASE("Damerau-Levenshtein: each letter put in, taken out, changed or swapped counts one")
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

TEST_CASE("A distance beyond what matters is only told to be beyond it")
{
    CHECK(distance("a", "abcdefgh", 3) > 3);
    CHECK(distance("abcdefgh", "zyxwvuts", 3) > 3);
    CHECK(distance(std::string(1'000'000, 'x'), "listen", 2) > 2);
}

TEST_CASE("A misspelt key is known by the nearest in its table")
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

TEST_CASE("A key in the wrong table is told its own")
{
    CHECK(says("", "rotate_every", "\"rotate_every\" in [cookies]"));
    CHECK(says("limits", "mtu", "\"mtu\" at the top of the file"));
    CHECK(says("cookies", "networks", "in [[cookies.rule]]"));
    CHECK(says("cookies", "half_open_high", "in [cookies.adaptive]"));
    CHECK(says("", "idle_timeout", "in [limits], or \"idle_timeout\" in [[forward]]"));
    CHECK(says("", "rotat_every", "\"rotate_every\" in [cookies]"));  // and misspelt
    CHECK(suggest("", "rotate_every").nearest.empty());
}

TEST_CASE("For a key like none the known ones are named")
{
    CHECK(says("log", "zzzzzzzzzz", "known keys in [log]: level"));
    CHECK(says("", "zzzzzzzzzz", "known keys at the top of the file: listen, threads"));
    CHECK(says("forward[]", "zzzzzzzzzz", "known keys in [[forward]]: listen, to, idle_timeout"));
}
