// The log of the first time that a source is refused for its share.
#include "server/refusal_log.hpp"

#include "support/conversation.hpp"

#include <string>
#include <vector>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using detail::refusal_log;

namespace {

constexpr dispatch::reached_share sessions_reached{1, 32, 10, drop_reason::source_session_limit};

/// What was written, and where.
struct log_lines {
    std::vector<std::string> lines;
    detail::peer_log log{detail::level_log{
        [this](log_level, std::string_view line) { lines.emplace_back(line); }, log_level::warning}};
};

wire::endpoint peer_at(std::uint8_t last)
{
    return wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{last}}, 4433);
}

}  // namespace

TEST_CASE("a refused source is told of once with its network and the settings that lift it")
{
    log_lines written;
    refusal_log refusals;
    const time_point now{1h};
    refusals.note(peer_at(1), sessions_reached, written.log, now);
    refusals.note(peer_at(1), sessions_reached, written.log, now + 1h);
    REQUIRE(written.lines.size() == 1);
    CHECK(
        written.lines[0] ==
        "192.0.2.1/32 has its share of sessions and handshakes, 10: newcomers from there are dropped "
        "(source_session_limit); raise limits.max_sessions_per_source, or name it in shared_networks if many "
        "clients share it");

    refusals.note(peer_at(77), {2, 24, 4'096, drop_reason::source_half_open_limit}, written.log, now + 1h);
    REQUIRE(written.lines.size() == 2);
    CHECK(written.lines[1] ==
          "192.0.2.0/24 has its share of handshakes in progress, 4096: newcomers from there are dropped "
          "(source_half_open_limit); raise limits.max_half_open_per_source, or name it in shared_networks if "
          "many clients share it");
}

TEST_CASE("refused sources get so many lines a minute and those that got none get theirs later")
{
    log_lines written;
    refusal_log refusals;
    const auto note = [&](std::uint64_t source, time_point now) {
        refusals.note(peer_at(1), {source, 32, 10, drop_reason::source_session_limit}, written.log, now);
    };
    for (std::uint64_t source = 0; source < 100; ++source) note(source, time_point{1h});
    CHECK(written.lines.size() == refusal_log::lines_per_minute);
    for (std::uint64_t source = 0; source < 100; ++source) note(source, time_point{1h + 59s});
    CHECK(written.lines.size() == refusal_log::lines_per_minute);
    for (std::uint64_t source = 0; source < 100; ++source) note(source, time_point{1h + 60s});
    CHECK(written.lines.size() == 2 * refusal_log::lines_per_minute);
}

TEST_CASE("so many refused sources are remembered")
{
    log_lines written;
    refusal_log refusals;
    time_point now{1h};
    for (std::uint64_t source = 0; source <= refusal_log::most_sources; ++source, now += 1min)
        refusals.note(peer_at(1), {source, 32, 10, drop_reason::source_session_limit}, written.log, now);
    CHECK(written.lines.size() == refusal_log::most_sources + 1);
    refusals.note(peer_at(1), {refusal_log::most_sources, 32, 10, drop_reason::source_session_limit},
                  written.log, now);
    CHECK(written.lines.size() == refusal_log::most_sources + 1);
    refusals.note(peer_at(1), sessions_reached, written.log, now);  // forgotten with all others
    CHECK(written.lines.size() == refusal_log::most_sources + 2);
}

TEST_CASE("a server refuses a source beyond its share and says so once")
{
    std::vector<std::string> lines;
    auto config = test::loopback_config();
    config.limits.max_sessions_per_source = 1;
    config.log = [&lines](log_level level, std::string_view line) {
        if (level == log_level::warning) lines.emplace_back(line);
    };
    asio::io_context io;
    server served{io.get_executor(), config};
    served.serve([](session s) { return test::echo(std::move(s)); });
    auto first = test::run_beside(io, async_connect(io.get_executor(), served.local_endpoints().front(),
                                                    test::trusting(), asio::use_awaitable));
    auto late = test::trusting();
    late.limits.handshake_timeout = 1'500ms;
    const auto heard = test::run_beside(io, [&]() -> asio::awaitable<error_code> {
        auto [why, to] = co_await async_connect(io.get_executor(), served.local_endpoints().front(), late,
                                                test::as_values);
        co_return why;
    }());
    CHECK(heard == errc::handshake_timeout);
    CHECK(served.metrics().dropped[drop_reason::source_session_limit] >= 2);
    REQUIRE(std::ranges::count_if(lines, [](const auto& line) {
                return line.starts_with("127.0.0.1/32 has its share of sessions and handshakes, 1:");
            }) == 1);
    CHECK(served.metrics().balanced());
}
