// `server_config::handshake_threads`: handshakes run beside the sessions' threads and block no session.
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/echo_server.hpp"
#include "support/stepwise_client.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

using namespace quivive;
namespace asio = boost::asio;
using test::crowd;

namespace {

/// A source of PSKs that can be slow, like a database: while blocked, no look-up returns.
class slow_lookup {
public:
    [[nodiscard]] std::optional<secret> find(std::string_view)
    {
        std::unique_lock lock{mutex_};
        ++asked_;
        changed_.wait(lock, [this] { return !blocks_; });
        return secret::from_hex(crowd::key);
    }
    void block(bool whether)
    {
        const std::lock_guard lock{mutex_};
        blocks_ = whether;
        changed_.notify_all();
    }
    [[nodiscard]] int asked()
    {
        const std::lock_guard lock{mutex_};
        return asked_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool blocks_ = false;
    int asked_ = 0;
};

server_config config_with(slow_lookup& keys, std::size_t handshake_threads)
{
    auto config = test::loopback_config();
    config.credentials.self_signed_if_none = false;
    config.credentials.psk = [&keys](std::string_view identity) { return keys.find(identity); };
    config.handshake_threads = handshake_threads;
    return config;
}

/// Connects on a thread of its own.
struct connecting {
    connecting(const server& to, std::size_t first, std::size_t count)
        : all{to.local_endpoints().front(), first}, thread{[this, count] { connected = all.connect(count); }}
    {
    }
    ~connecting() { finish(); }
    void finish()
    {
        if (thread.joinable()) thread.join();
    }
    crowd all;
    std::atomic<bool> connected{false};
    std::thread thread;
};

}  // namespace

TEST_CASE("handshake threads: sessions work on the server's threads and on the user's executor")
{
    auto config = test::loopback_config();
    config.handshake_threads = 2;
    config.record_layer = GENERATE(record_layer::detached, record_layer::attached);
    const bool own_threads = GENERATE(true, false);
    config.threads = 2;

    asio::io_context io;
    std::optional<server> served;
    std::thread runs;
    const auto work = asio::make_work_guard(io);
    if (own_threads) {
        served.emplace(config);
    } else {
        served.emplace(io.get_executor(), config);
        runs = std::thread{[&] { io.run(); }};
    }
    served->serve(test::echo);
    for (int i = 0; i < 8; ++i) {
        test::stepwise_client client{served->local_endpoints().front()};
        REQUIRE(client.connect());
        CHECK(client.echo("there") == "there");
        client.close();
    }
    CHECK(test::eventually([&] { return served->metrics().sessions == 0; }));
    const auto counted = served->metrics();
    CHECK(counted.handshakes_started == 8);
    CHECK(counted.handshakes_completed == 8);
    CHECK(counted.handshake_steps_waiting == 0);
    CHECK(test::comes_to_balance(*served));
    io.stop();
    if (runs.joinable()) runs.join();
    served.reset();
}

TEST_CASE("handshake threads: a slow PSK lookup delays only its own handshake and no session")
{
    slow_lookup keys;
    server served{config_with(keys, 1)};
    served.serve(test::echo);
    crowd talking{served.local_endpoints().front()};
    REQUIRE(talking.connect(1));

    keys.block(true);
    connecting late{served, 10, 1};
    REQUIRE(test::eventually([&] { return keys.asked() == 2; }));
    for (int i = 0; i < 10; ++i) {
        talking.say(0, "still there");
        CHECK(talking.hear(0) == "still there");
    }
    CHECK(!late.connected);
    keys.block(false);
    late.finish();
    CHECK(late.connected);
    CHECK(test::comes_to_balance(served));
}

TEST_CASE(
    "handshake threads: limits.handshake_queue bounds the waiting steps, and clients that retry connect")
{
    slow_lookup keys;
    auto config = config_with(keys, 1);
    config.limits.handshake_queue = 1;
    server served{config};
    served.serve(test::echo);
    keys.block(true);
    const auto dropped = [&] { return served.metrics().dropped[drop_reason::handshake_queue_full]; };
    connecting first{served, 0, 2};  // in the end one step runs and one waits
    CHECK(test::eventually([&] {
        const auto now = served.metrics();
        return keys.asked() == 1 && now.handshakes_started == 2 && now.handshake_steps_waiting == 1;
    }));
    const auto before = dropped();
    connecting late{served, 2, 2};  // few clients, since each doubles its wait between tries
    CHECK(test::eventually([&] { return dropped() > before; }));
    CHECK(served.metrics().handshake_steps_waiting == 1);
    CHECK(served.metrics().handshakes_started == 2);
    keys.block(false);
    first.finish();
    late.finish();
    CHECK(first.connected);
    CHECK(late.connected);
    CHECK(served.metrics().handshakes_completed == 4);
    CHECK(test::comes_to_balance(served));
}

TEST_CASE("handshake threads: a server ends while handshake steps run")
{
    slow_lookup keys;
    std::optional<server> served{std::in_place, config_with(keys, 2)};
    served->serve(test::echo);
    {
        test::stepwise_client nobody{
            served->local_endpoints().front()};  // has no PSK: fails beside the others
        CHECK(!nobody.connect());
    }
    keys.block(true);
    crowd begun{served->local_endpoints().front()};
    std::thread connecting{[&] { (void)begun.connect(4, std::chrono::milliseconds{500}); }};
    REQUIRE(test::eventually([&] { return keys.asked() == 2; }));
    connecting.join();
    std::thread releasing{[&] { keys.block(false); }};
    served.reset();  // waits only for the two running steps
    releasing.join();
    CHECK(keys.asked() >= 2);
}
