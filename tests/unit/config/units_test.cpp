#include "config/units.hpp"

#include "support/catch.hpp"

#include <limits>

using namespace quivive::config;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE("A time is parsed and printed in the same form, with the fewest units")
{
    struct pair {
        std::string text;
        std::chrono::milliseconds time;
    };
    const auto [text, time] =
        GENERATE(pair{"0s", 0ms}, pair{"1ms", 1ms}, pair{"250ms", 250ms}, pair{"1s", 1s}, pair{"30s", 30s},
                 pair{"1s1ms", 1'001ms}, pair{"1m30s", 90s}, pair{"5m", 5min}, pair{"1h", 1h},
                 pair{"1d", 24h}, pair{"365d", 365 * 24h}, pair{"1d2h3m4s5ms", 93'784'005ms});
    CAPTURE(text);
    CHECK(parse_duration(text) == time);
    CHECK(duration_text(time) == text);
}

TEST_CASE("A time may use larger numbers than its units need")
{
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("1500ms") == 1'500ms);
    CHECK(parse_duration("0ms") == 0ms);
    CHECK(parse_duration("1h90s") == 1h + 90s);
    CHECK(parse_duration("007s") == 7s);
}

TEST_CASE("Any other text is not a time")
{
    const std::string text = GENERATE(as<std::string>{}, "", "30", "s", "ms", "-1s", "+1s", " 1s", "1s ",
                                      "1 s", "1,5s", "1.5s", "1S", "1sec", "1min", "1us", "30s1m", "1s1s",
                                      "1m30", "1mss", "0x1s", "1s\0"s, "1e3s", "inf");
    CAPTURE(text);
    CHECK(!parse_duration(text));
}

TEST_CASE("A time beyond the representable range is clamped to the maximum")
{
    for (const auto* const text : {"106751991168d", "18446744073709551616ms", "99999999999999999999999d",
                                   "18446744073709551615ms", "1d18446744073709551615ms"}) {
        CAPTURE(text);
        CHECK(parse_duration(text) == std::chrono::milliseconds::max());
    }
    CHECK(duration_text(-5ms) == "-5ms");  // a negative time cannot be parsed, but a struct may hold it
}

TEST_CASE("Sizes: kB, MB and GB are powers of 1000, KiB, MiB and GiB are powers of 1024")
{
    CHECK(parse_size("0B") == 0);
    CHECK(parse_size("512B") == 512);
    CHECK(parse_size("64kB") == 64'000);
    CHECK(parse_size("64KiB") == 65'536);
    CHECK(parse_size("1MB") == 1'000'000);
    CHECK(parse_size("1MiB") == 1'048'576);
    CHECK(parse_size("2GB") == 2'000'000'000);
    CHECK(parse_size("1GiB") == 1'073'741'824);
    CHECK(parse_size("99999999999999999999GiB") == std::numeric_limits<std::size_t>::max());
}

TEST_CASE("Any other text is not a size")
{
    const std::string text =
        GENERATE(as<std::string>{}, "", "64", "KiB", "64KB", "64kiB", "64K", "64k", "64 KiB", "-1B", "+1B",
                 "1.5MiB", "64KiB ", " 64KiB", "1KiB1B", "64kib", "64KiB\0"s);
    CAPTURE(text);
    CHECK(!parse_size(text));
}

TEST_CASE("A size is printed with the largest unit that divides it")
{
    CHECK(size_text(0) == "0");
    CHECK(size_text(1'400) == "1400");
    CHECK(size_text(1'024) == "1KiB");
    CHECK(size_text(18'432) == "18KiB");
    CHECK(size_text(4'194'304) == "4MiB");
    CHECK(size_text(std::size_t{1} << 30U) == "1GiB");
    CHECK(size_text(1'048'577) == "1048577");
}

TEST_CASE("Shares are whole percentages")
{
    CHECK(parse_percent("50%") == 50U);
    CHECK(parse_percent("0%") == 0U);
    CHECK(parse_percent("99999999999999999999%") == std::numeric_limits<unsigned>::max());
    CHECK(percent_text(50) == "50%");
    for (const auto* const text : {"", "%", "50", "50 %", "50.5%", "-1%", "+1%", "50%%", "0.5"}) {
        CAPTURE(text);
        CHECK(!parse_percent(text));
    }
}
