#include "config/nesting.hpp"
#include "quivive/config_file.hpp"
#include "quivive/error.hpp"

#include "support/catch.hpp"

#include <string>

using namespace quivive;
using config::max_dots;
using config::too_deep;

namespace {

std::string repeated(std::size_t times, const std::string& text)
{
    std::string result;
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

}  // namespace

TEST_CASE("A statement has at most the allowed number of dots")
{
    CHECK(!too_deep(repeated(max_dots, "a.") + "a = 1\n"));
    CHECK(too_deep(repeated(max_dots + 1, "a.") + "a = 1\n") == config::position{1, 2 * max_dots + 2});
    CHECK(too_deep("x = 1\n[" + repeated(max_dots + 1, "a.") + "a]\n")->line == 2);
    CHECK(too_deep("x = { " + repeated(max_dots + 1, "\"a\" . ") + "a = 1 }"));
    CHECK(too_deep("x = [\n" + repeated(max_dots + 1, "{ a.a = 1 },\n") + "]"));  // a statement on many lines
}

TEST_CASE("Dots in strings, comments and other statements do not count")
{
    CHECK(!too_deep(repeated(1'000, "a.b = 1\n")));
    CHECK(!too_deep("# " + std::string(1'000, '.') + "\nx = 1"));
    for (const std::string quote : {"\"", "'", "\"\"\"", "'''"})
        CHECK(!too_deep("x = " + quote + std::string(1'000, '.') + quote));
    CHECK(!too_deep("x = [" + repeated(1'000, "\"10.0.0.0/8\",") + "]"));
    CHECK(!too_deep("x = \"\"\"\n" + repeated(1'000, ".\n") + "\"\"\""));
}

TEST_CASE("A string ends at the position that TOML defines")
{
    const auto deep = repeated(max_dots + 1, ".");
    CHECK(!too_deep(R"(x = "\"" + ")" + deep));
    CHECK(too_deep(R"(x = "\\" )" + deep));
    CHECK(too_deep(R"(x = '\' )" + deep));  // a literal string has no escape sequences
    CHECK(too_deep("x = \"\" " + deep));
    CHECK(too_deep("x = \"\"\"a\"b\"\"\" " + deep));
    CHECK(too_deep("x = \"unended\n" + deep));
    CHECK(!too_deep("x = \"\"\"unended " + deep));
    CHECK(!too_deep("x = \"ends with \\"));
}

TEST_CASE("Documents nested deeper than any stack are refused without recursion")
{
    const std::string text =
        GENERATE(repeated(400'000, "a.") + "a = 1", "[" + repeated(400'000, "a.") + "a]",
                 "a = " + std::string(400'000, '['), "a = " + repeated(100'000, "[{a="),
                 "a = " + repeated(200, "{ a.a.a = ") + "1" + repeated(200, " }"),
                 "x = { " + repeated(100'000, "'a'.") + "a = 1 }", repeated(50'000, "[[a.a]]\n"));
    CHECK_THROWS_AS(parse_config(text, "deep.toml"), config_error);
}
