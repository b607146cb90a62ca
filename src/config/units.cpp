#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace quivive::config {

namespace {

struct unit {
    std::string_view name;
    std::uint64_t worth;
};

constexpr std::array durations{unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"m", 60'000},
                               unit{"s", 1'000}, unit{"ms", 1}};
constexpr std::array sizes{unit{"B", 1},
                           unit{"kB", 1'000},
                           unit{"MB", 1'000'000},
                           unit{"GB", 1'000'000'000},
                           unit{"KiB", 1ULL << 10},
                           unit{"MiB", 1ULL << 20},
                           unit{"GiB", 1ULL << 30}};

constexpr auto endless = std::numeric_limits<std::uint64_t>::max();

std::uint64_t times(std::uint64_t a, std::uint64_t b) { return b != 0 && a > endless / b ? endless : a * b; }
std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > endless - b ? endless : a + b; }

// Removes digits from the front of `text` and returns their value. Empty when there are none.
std::optional<std::uint64_t> take_number(std::string_view& text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::invalid_argument) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{} ? number : endless;
}

// Removes and returns the characters before the first digit of `text`.
std::string_view take_word(std::string_view& text)
{
    const auto word = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(word.size());
    return word;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    if (text.empty()) return {};
    std::uint64_t total = 0;
    for (auto next = durations.begin(); !text.empty(); ++next) {  // each unit once, larger ones first
        const auto number = take_number(text);
        if (!number) return {};
        next = std::find_if(next, durations.end(),
                            [word = take_word(text)](const unit& each) { return each.name == word; });
        if (next == durations.end()) return {};
        total = plus(total, times(*number, next->worth));
    }
    constexpr auto most = std::chrono::milliseconds::max().count();
    return std::chrono::milliseconds{
        total > static_cast<std::uint64_t>(most) ? most : static_cast<std::chrono::milliseconds::rep>(total)};
}

std::string duration_text(std::chrono::milliseconds duration)
{
    if (duration.count() < 0) return std::to_string(duration.count()) + "ms";
    std::string text;
    auto left = static_cast<std::uint64_t>(duration.count());
    for (const auto& each : durations) {
        if (left < each.worth) continue;
        (text += std::to_string(left / each.worth)) += each.name;
        left %= each.worth;
    }
    return text.empty() ? "0s" : text;
}

std::optional<std::size_t> parse_size(std::string_view text)
{
    const auto number = take_number(text);
    const auto* const found = std::ranges::find(sizes, text, &unit::name);
    if (!number || found == sizes.end()) return {};
    constexpr std::uint64_t most = std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(std::min(times(*number, found->worth), most));
}

std::string size_text(std::size_t bytes)
{
    for (const auto* const name : {"GiB", "MiB", "KiB"}) {
        const auto worth = std::ranges::find(sizes, std::string_view{name}, &unit::name)->worth;
        if (bytes != 0 && bytes % worth == 0) return std::to_string(bytes / worth) + name;
    }
    return std::to_string(bytes);
}

std::optional<unsigned> parse_percent(std::string_view text)
{
    const auto number = take_number(text);
    if (!number || text != "%") return {};
    constexpr std::uint64_t most = std::numeric_limits<unsigned>::max();
    return static_cast<unsigned>(std::min(*number, most));
}

std::string percent_text(unsigned percent) { return std::to_string(percent) + "%"; }

}  // namespace quivive::config
