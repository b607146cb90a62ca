// A wave of handshakes that are never finished, and what is left of its memory.
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/echo_server.hpp"
#include "support/hello_builder.hpp"
#include "support/process_counts.hpp"
#include "support/raw_udp.hpp"

#include "quivive/quivive.hpp"

#include <cstdint>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t waves_size = sanitized ? 100 : 2'000;
constexpr std::size_t handshakes_bytes = waves_size * 12'288;

server_config config_for_waves(std::size_t handshake_threads)
{
    auto config = loopback_config();
    config.credentials.psk = [](std::string_view) { return secret::from_hex(crowd::key); };
    config.handshake_threads = handshake_threads;
    config.limits.handshake_timeout = 1s;
    config.limits.max_half_open = config.limits.max_half_open_per_source = 2 * waves_size;
    return config;
}

/// Clients that bring back their cookie and are never heard of again.
class vanishing_clients {
public:
    explicit vanishing_clients(const server& served) : to_{served.local_endpoints().front()} {}

    /// False when one was not answered.
    [[nodiscard]] bool add()
    {
        // An address for each, as ports come back.
        const auto number = static_cast<std::uint32_t>(added_++);
        raw_udp socket{{boost::asio::ip::address_v4{0x7f010001 + number / 200 * 256 + number % 200}, 0}};
        hello_builder hello;
        hello.suites = make_octets({0, 0xa8});  // PSK
        socket.send(to_, hello.record());
        const auto request = socket.receive();
        if (!request || request->size() < 44) return false;
        hello.cookie = {request->end() - 16, request->end()};
        hello.message_seq = 1;
        hello.record_sequence = 1;
        socket.send(to_, hello.record());
        const auto flight = socket.receive();
        return flight && (*flight)[0] == std::byte{22};
    }

private:
    boost::asio::ip::udp::endpoint to_;
    std::size_t added_ = 0;
};

void check_that_wave_goes_back(std::size_t handshake_threads)
{
    server served{config_for_waves(handshake_threads)};
    served.serve(echo);
    crowd sessions{served.local_endpoints().front()};
    REQUIRE(sessions.connect(50));

    const auto before = resident_bytes();
    vanishing_clients wave{served};
    for (std::size_t i = 0; i < waves_size; ++i) {
        REQUIRE(wave.add());
        // A session that stays, so that malloc cannot give back what lies before it.
        if (i % 50 == 0) REQUIRE(sessions.connect(1));
    }
    REQUIRE(eventually([&] { return served.metrics().handshakes_timed_out == waves_size; }, 60s));
    const auto after = resident_bytes();
    if (!sanitized) CHECK(after > before + handshakes_bytes / 2);

    served.trim_memory();
    CHECK((sanitized || eventually([&] { return resident_bytes() < after - (after - before) / 10 * 7; })));
    for (std::size_t i = 0; i < sessions.size(); ++i) sessions.say(i, std::to_string(i));
    for (std::size_t i = 0; i < sessions.size(); ++i) CHECK(sessions.hear(i) == std::to_string(i));
    CHECK(comes_to_balance(served));
}

}  // namespace

TEST_CASE(
    "trim_memory: what a wave of half-open handshakes leaves goes back to the system and sessions go on")
{
    check_that_wave_goes_back(0);
}

TEST_CASE("trim_memory: the same where handshakes go on on threads of their own")
{
    check_that_wave_goes_back(1);
}

TEST_CASE("trim_memory: at any time, of a server that is not served or has stopped too")
{
    server served{loopback_config()};
    served.trim_memory();
    served.serve(echo);
    served.trim_memory();
    served.stop();
    served.trim_memory();
    served.join();
    served.trim_memory();
    CHECK(served.metrics().balanced());
}
