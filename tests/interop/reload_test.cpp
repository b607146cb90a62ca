// A hundred reloads while five hundred sessions echo. Under a sanitizer: thirty reloads and two hundred
// sessions.
#include "support/allocated.hpp"
#include "support/conversation.hpp"
#include "support/program.hpp"
#include "support/temp_directory.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace quivive;
namespace asio = boost::asio;

namespace {

// A speaker has one outstanding message at any time, so a socket's buffer holds at most as many as speakers.
constexpr int speakers = test::sanitized ? 20 : 50, sessions_each = 10,
              all_sessions = speakers * sessions_each;
constexpr int reloads = test::sanitized ? 30 : 100;
constexpr int one_in = test::sanitized ? 5 : 10;  // one in this many reloads is bad

// The PSK file lists both keys. The visitor's key changes with each reload.
constexpr auto crowd_key = "00112233";
std::string visitors_key(int of_reload)
{
    std::array<char, 9> hex{};
    std::snprintf(hex.data(), hex.size(), "%08x", 0x1000U + static_cast<unsigned>(of_reload));
    return hex.data();
}

client_config client_with(const std::string& identity, const std::string& key, const char* from)
{
    client_config config;
    config.credentials.psk_identity = identity;
    config.credentials.psk_key = secret::from_hex(key).value();
    config.bind = {asio::ip::make_address(from), 0};
    return config;
}

/// Sessions that continuously send a message and wait for its echo, in turn. Each message is sent once.
class speakers_crowd {
public:
    explicit speakers_crowd(asio::ip::udp::endpoint server) : server_{std::move(server)}
    {
        for (int i = 0; i < speakers; ++i)
            asio::co_spawn(io_, speak(), [this](const std::exception_ptr& thrown) { note(thrown); });
        thread_ = std::jthread{[this] { io_.run(); }};
    }
    ~speakers_crowd() { io_.stop(); }

    [[nodiscard]] int connected() const { return connected_; }
    [[nodiscard]] std::uint64_t echoed() const { return echoed_; }

    /// Closes all sessions, waits for them, and returns the first fault.
    std::string finish()
    {
        enough_ = true;
        thread_.join();
        return first_fault_;
    }

private:
    asio::awaitable<void> speak()
    {
        std::vector<session> mine;
        for (int i = 0; i < sessions_each; ++i) {
            mine.push_back(co_await async_connect(io_.get_executor(), server_,
                                                  client_with("crowd", crowd_key, "127.0.0.1"),
                                                  asio::use_awaitable));
            ++connected_;
        }
        while (!enough_)
            for (auto& one : mine) co_await exchange(one);
        for (auto& one : mine) co_await one.async_close(asio::use_awaitable);
    }

    asio::awaitable<void> exchange(session& with)
    {
        using namespace boost::asio::experimental::awaitable_operators;
        const auto message = "message " + std::to_string(said_++);
        co_await with.async_send(asio::buffer(message), asio::use_awaitable);
        asio::steady_timer patience{io_, std::chrono::seconds{10}};
        const auto first =
            co_await (with.async_receive(asio::use_awaitable) || patience.async_wait(asio::use_awaitable));
        if (first.index() == 1) throw std::runtime_error{message + " was lost"};
        const auto answer = std::get<0>(first);
        if (std::string_view{static_cast<const char*>(answer.data()), answer.size()} != message)
            throw std::runtime_error{"not the echo of " + message};
        ++echoed_;
    }

    void note(const std::exception_ptr& thrown)
    {
        if (!thrown || !first_fault_.empty()) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& fault) {
            first_fault_ = fault.what();
        }
    }

    asio::ip::udp::endpoint server_;
    asio::io_context io_{1};
    std::atomic<bool> enough_{false};
    std::atomic<int> connected_{0};
    std::atomic<std::uint64_t> echoed_{0};
    std::uint64_t said_ = 0;
    std::string first_fault_;
    std::jthread thread_;
};

/// The server's files, which change for each reload.
class changing_files {
public:
    changing_files() { write_good(0); }

    [[nodiscard]] std::string name() const { return directory_.file("server.toml"); }

    void write_good(int number)
    {
        (void)directory_.write(
            "keys.psk", std::string{"crowd:"} + crowd_key + "\nvisitor:" + visitors_key(number) + '\n');
        write(number, "");
    }
    /// Writes a configuration that the server must refuse. The test would notice its rules and keys.
    void write_bad(int number)
    {
        constexpr std::array faults{"mtu = 1\n", "no such line\n", "max_sesions = 5\n", "mtu = \"much\"\n",
                                    ""};
        const std::string fault = faults[static_cast<std::size_t>(number / one_in) % faults.size()];
        if (fault.empty()) (void)directory_.write("keys.psk", "crowd without a key\n");
        write(number, fault);
    }

private:
    void write(int number, const std::string& fault)
    {
        constexpr std::array levels{"debug", "info", "warning"};
        constexpr std::array exchanges{"always", "never", "adaptive"};
        const auto turn = static_cast<std::size_t>(number) % 3;
        auto text = fault + "threads = 2\n[credentials]\npsk_file = \"keys.psk\"\n[log]\nlevel = \"" +
                    levels[turn] + "\"\n[limits]\nmax_sessions = " + std::to_string(1'000 + number) +
                    "\nmax_sessions_per_source = 1000\nmax_half_open = " + std::to_string(500 + number) +
                    "\nidle_timeout = \"" + std::to_string(20 + number) + "s\"\n";
        if (compiled_cookies() == cookie_build::runtime)
            text += "[[cookies.rule]]\nnetworks = [\"127.0.0.2\"]\nexchange = \"" +
                    std::string{exchanges[turn]} + "\"\n";
        // The crowd is connected already, so this rule does not affect it.
        if (number > 0) text += "[[cookies.rule]]\nnetworks = [\"127.0.0.1\"]\nexchange = \"drop\"\n";
        (void)directory_.write("server.toml", text);
    }

    test::temp_directory directory_;
};

/// Returns whether a new client with the key connects and gets an echo. Tries again if the server's threads
/// have not yet switched to the new key.
bool visit(const asio::ip::udp::endpoint& server, const std::string& key)
{
    auto config = client_with("visitor", key, "127.0.0.2");
    config.limits.handshake_timeout = std::chrono::seconds{5};
    for (int tries = 0; tries < 3; ++tries) {
        asio::io_context io;
        const auto heard = test::run(io, [&]() -> asio::awaitable<std::string> {
            auto [error, session] =
                co_await async_connect(io.get_executor(), server, config, test::as_values);
            if (error) co_return std::string{};
            auto answer = co_await test::say(session, "hello");
            co_await session.async_close(asio::use_awaitable);
            co_return answer;
        }());
        if (heard == "hello") return true;
    }
    return false;
}

}  // namespace

TEST_CASE("reload: a hundred reloads lose no session and no datagram while hundreds of sessions echo")
{
    changing_files files;
    test::program server{{"--config", files.name()}};
    speakers_crowd talking{server.address()};
    REQUIRE(test::eventually([&] { return talking.connected() == all_sessions; }, std::chrono::seconds{60}));

    int good = 0, last_good = 0;
    for (int number = 1; number <= reloads; ++number) {
        const bool bad = number % one_in == 0;
        if (bad)
            files.write_bad(number);
        else
            files.write_good(number);
        INFO("reload " << number);
        REQUIRE(server.reload() != bad);
        if (!bad) {
            ++good;
            last_good = number;
        }
        CHECK(visit(server.address(), visitors_key(last_good)));
        const auto before = talking.echoed();
        REQUIRE(test::eventually([&] { return talking.echoed() >= before + all_sessions; },
                                 std::chrono::seconds{30}));
    }
    CHECK(talking.finish().empty());

    CHECK(server.stop() == 0);
    INFO(server.output());
    CHECK(server.counter("reloads") == static_cast<std::uint64_t>(good));
    CHECK(server.counter("handshakes_completed") == all_sessions + reloads);
    CHECK(server.counter("sessions_closed") == all_sessions + reloads);
    CHECK(server.counter("sessions_idled_out") == 0);
    CHECK(server.counter("messages_received") == talking.echoed() + reloads);
    CHECK(server.counter("messages_sent") == talking.echoed() + reloads);
    CHECK(server.counter("handler_exceptions") == 0);
}
