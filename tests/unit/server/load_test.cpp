// High load of a server: what counts as CPU time of handshakes, and the log messages.
#include "support/crowd.hpp"
#include "unit/server/reload_fixture.hpp"

#include <condition_variable>
#include <mutex>

using namespace quivive;
using namespace std::chrono_literals;
using test::crowd;

namespace {

/// A slow look-up of keys, like a database: the calling thread waits.
class waiting_lookup {
public:
    [[nodiscard]] std::optional<secret> find(std::string_view)
    {
        std::unique_lock lock{mutex_};
        ++asked_;
        (void)never_.wait_for(lock, 200ms, [] { return false; });
        return secret::from_hex(crowd::key);
    }
    [[nodiscard]] int asked()
    {
        const std::lock_guard lock{mutex_};
        return asked_;
    }

private:
    std::mutex mutex_;
    std::condition_variable never_;
    int asked_ = 0;
};

/// The warnings that a server logs.
struct warnings_of {
    void note(log_level level, std::string_view line)
    {
        const std::lock_guard lock{mutex};
        if (level == log_level::warning) text.append(line).append(1, '\n');
    }
    [[nodiscard]] bool have(std::string_view part)
    {
        const std::lock_guard lock{mutex};
        return text.find(part) != std::string::npos;
    }
    std::mutex mutex;
    std::string text;
};

/// High at the second hello within a second, and normal again soon after.
constexpr load_marks touchy{.hellos_per_second_high = 2, .hellos_per_second_low = 1, .hold = 0ms};

}  // namespace

TEST_CASE("load: handshakes that wait for their keys use no CPU time and are not high load")
{
    waiting_lookup keys;
    auto config = test::loopback_config();
    config.credentials.self_signed_if_none = false;
    config.credentials.psk = [&keys](std::string_view identity) { return keys.find(identity); };
    config.handshake_threads = GENERATE(std::size_t{0}, std::size_t{1});
    config.threads = 1;
    // Four look-ups in a row take most of a second.
    config.cookies.adaptive.handshake_cpu_percent_high = 40;
    config.cookies.adaptive.handshake_cpu_percent_low = 20;
    server served{config};
    served.serve(test::echo);
    crowd clients{served.local_endpoints().front()};
    REQUIRE(clients.connect(4));
    CHECK(keys.asked() == 4);
    const auto counted = served.metrics();
    CHECK(counted.load_changes == 0);
    CHECK(counted.handshake_cpu_percent < 40);
    CHECK(counted.handshakes_completed == 4);
}

TEST_CASE("load: log messages mention adaptive networks only while the configuration has some")
{
    warnings_of logged;
    auto config = test::loopback_config();
    config.cookies.adaptive = touchy;
    config.log = [&](log_level level, std::string_view line) { logged.note(level, line); };
    test::serving here{config};
    CHECK(test::eventually([&] {
        (void)test::meet(here.served);
        return logged.have("high load: ");
    }));
    CHECK(test::eventually([&] { return logged.have("normal load again: "); }));
    CHECK_FALSE(logged.have("adaptive"));

#if !defined(QUIVIVE_COOKIES_NEVER) && !defined(QUIVIVE_COOKIES_ALWAYS)
    config.cookies.rules = {test::rule("10.0.0.0/8", cookie_exchange::adaptive)};
    CHECK(here.served.reload(config).empty());
    CHECK(test::eventually([&] {
        (void)test::meet(here.served);
        return logged.have("high load, adaptive networks are challenged: ");
    }));
    CHECK(
        test::eventually([&] { return logged.have("normal load again, adaptive networks are admitted: "); }));
#endif
}
