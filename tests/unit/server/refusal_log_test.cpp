// The log message for a source's first refusal at its quota.
#include "server/refusal_log.hpp"

#include "support/conversation.hpp"
#include "support/text.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <vector>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using runtime::refusal_log;

namespace {

constexpr dispatch::reached_share sessions_reached{1, 32, 1, drop_reason::source_session_limit};

limits make_limits()
{
    limits made;
    made.max_sessions_per_source = 10;
    return made;
}

const limits ten_sessions = make_limits();
const runtime::server_limits one_thread{ten_sessions, 1};

/// The lines written to the log.
struct log_lines {
    std::vector<std::string> lines;
    runtime::peer_log log{runtime::level_log{
        [this](log_level, std::string_view line) { lines.emplace_back(line); }, log_level::warning}};
};

wire::endpoint peer_at(std::uint8_t last)
{
    return wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{last}}, 4433);
}

}  // namespace

TEST_CASE("a refused source is logged once, with its network and the settings that lift the limit")
{
    log_lines written;
    refusal_log refusals;
    const time_point now{1h};
    refusals.note(peer_at(1), sessions_reached, one_thread, written.log, now);
    refusals.note(peer_at(1), sessions_reached, one_thread, written.log, now + 1h);
    REQUIRE(written.lines.size() == 1);
    CHECK(
        written.lines[0] ==
        "192.0.2.1/32 has reached its limit of sessions and handshakes, 10: new clients from there are "
        "dropped "
        "(source_session_limit); raise limits.max_sessions_per_source, or name it in shared_networks if many "
        "clients share it");

    refusals.note(peer_at(77), {2, 24, 4, drop_reason::source_half_open_limit}, one_thread, written.log,
                  now + 1h);
    REQUIRE(written.lines.size() == 2);
    CHECK(written.lines[1] ==
          "192.0.2.0/24 has reached its limit of handshakes in progress, 4 times 1024: new clients from "
          "there are "
          "dropped "
          "(source_half_open_limit); raise limits.max_half_open_per_source, or name it in shared_networks if "
          "many clients share it");
}

TEST_CASE("a refused source is logged with the configured limit for all threads together")
{
    log_lines written;
    refusal_log refusals;
    const auto said = [&](const dispatch::reached_share& share, const limits& configured,
                          std::size_t threads) {
        refusals.clear();
        refusals.note(peer_at(1), share, {configured, threads}, written.log, time_point{1h});
        const auto& line = written.lines.back();
        return line.substr(0, line.find(": new clients"));
    };
    limits configured;
    const std::string four_threads = " (spread evenly over 4 threads, one of which is full)";
    const std::string sessions = "192.0.2.1/32 has reached its limit of sessions and handshakes, ";
    CHECK(said(sessions_reached, configured, 4) ==
          sessions + "10000" + four_threads);  // a tenth of max_sessions
    configured.max_sessions_per_source = 5'000;
    CHECK(said(sessions_reached, configured, 4) == sessions + "5000" + four_threads);
    CHECK(said(sessions_reached, configured, 1) == sessions + "5000");
    CHECK(said({2, 24, 4, drop_reason::source_session_limit}, configured, 4) ==
          "192.0.2.0/24 has reached its limit of sessions and handshakes, 4 times 5000" + four_threads);
    CHECK(said({1, 32, 1, drop_reason::source_half_open_limit}, configured, 1) ==
          "192.0.2.1/32 has reached its limit of handshakes in progress, 1024");
}

TEST_CASE("refused sources get a limited number of lines a minute, and sources without a line get one later")
{
    log_lines written;
    refusal_log refusals;
    const auto note = [&](std::uint64_t source, time_point now) {
        refusals.note(peer_at(1), {source, 32, 1, drop_reason::source_session_limit}, one_thread, written.log,
                      now);
    };
    for (std::uint64_t source = 0; source < 100; ++source) note(source, time_point{1h});
    CHECK(written.lines.size() == refusal_log::lines_per_minute);
    for (std::uint64_t source = 0; source < 100; ++source) note(source, time_point{1h + 59s});
    CHECK(written.lines.size() == refusal_log::lines_per_minute);
    for (std::uint64_t source = 0; source < 100; ++source) note(source, time_point{1h + 60s});
    CHECK(written.lines.size() == 2 * refusal_log::lines_per_minute);
}

TEST_CASE("a limited number of refused sources is stored")
{
    log_lines written;
    refusal_log refusals;
    time_point now{1h};
    for (std::uint64_t source = 0; source <= refusal_log::max_sources; ++source, now += 1min)
        refusals.note(peer_at(1), {source, 32, 1, drop_reason::source_session_limit}, one_thread, written.log,
                      now);
    CHECK(written.lines.size() == refusal_log::max_sources + 1);
    refusals.note(peer_at(1), {refusal_log::max_sources, 32, 1, drop_reason::source_session_limit},
                  one_thread, written.log, now);
    CHECK(written.lines.size() == refusal_log::max_sources + 1);
    refusals.note(peer_at(1), sessions_reached, one_thread, written.log, now);  // all sources were discarded
    CHECK(written.lines.size() == refusal_log::max_sources + 2);
}

TEST_CASE("a server refuses a source above its quota and logs that once")
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
                return line.starts_with("127.0.0.1/32 has reached its limit of sessions and handshakes, 1:");
            }) == 1);
    CHECK(served.metrics().balanced());
}

TEST_CASE("a server with several threads logs the configured limit, and again after a reload")
{
    std::mutex mutex;
    std::vector<std::string> lines;
    auto config = test::loopback_config();
    config.threads = 2;
    config.limits.max_sessions_per_source = 2;
    config.log = [&](log_level level, std::string_view line) {
        const std::lock_guard lock{mutex};
        if (level == log_level::warning) lines.emplace_back(line);
    };
    server served{config};
    served.serve([](session s) { return test::echo(std::move(s)); });
    asio::io_context io;
    std::vector<session> open;
    const auto told = [&](const std::string& words) {
        const std::lock_guard lock{mutex};
        return std::ranges::count_if(lines, [&](const auto& line) { return test::has(line, words); });
    };
    // The kernel selects threads by port, so clients connect until one reaches a full thread.
    const auto meet = [&](const std::string& words, std::ptrdiff_t times) {
        auto impatient = test::trusting();
        impatient.limits.handshake_timeout = 300ms;
        for (int i = 0; i < 100 && told(words) < times; ++i) {
            auto made = test::run_beside(io, [&]() -> asio::awaitable<std::optional<session>> {
                auto [error, to] = co_await async_connect(io.get_executor(), served.local_endpoints().front(),
                                                          impatient, test::as_values);
                if (error) co_return std::nullopt;
                co_return std::move(to);
            }());
            if (made) open.push_back(std::move(*made));
        }
        return told(words) >= times;
    };
    CHECK(meet("handshakes, 2 (spread evenly over 2 threads, one of which is full): ", 1));
    config.limits.max_sessions_per_source = 4;
    (void)served.reload(config);
    CHECK(meet("handshakes, 4 (spread evenly over 2 threads, one of which is full): ", 1));
    config.limits.max_sessions = 1'000;
    (void)served.reload(config);
    CHECK(meet("handshakes, 4 (spread evenly over 2 threads, one of which is full): ", 2));
}
