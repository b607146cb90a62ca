// Memory left after a wave of failed handshakes.
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/echo_server.hpp"
#include "support/hello_builder.hpp"
#include "support/process_counts.hpp"
#include "support/raw_udp.hpp"
#include "support/tls_peer.hpp"

#include "quivive/quivive.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

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
    config.limits.handshake_timeout = 10min;  // all are half-open at once, however slow the machine is
    config.limits.max_half_open = config.limits.max_half_open_per_source = 2 * waves_size;
    return config;
}

/// Clients that return their cookie and then wait.
class half_open_clients {
public:
    explicit half_open_clients(const server& served) : to_{served.local_endpoints().front()} {}

    /// Returns false when the server did not answer.
    [[nodiscard]] bool add()
    {
        raw_udp socket{{next_address(), 0}};
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
        clients_.push_back(socket.local());
        return flight && is(wire::content_type::handshake, *flight);
    }

    /// Sends an unreadable ClientKeyExchange for each client: its identity is longer than the message.
    /// Returns false when the server did not answer one with an alert.
    [[nodiscard]] bool fail()
    {
        const auto identity_length = make_octets({0xff, 0xff});
        const auto message =
            handshake_record({wire::handshake_type::client_key_exchange, 2, 2, 0, identity_length});
        return std::all_of(clients_.begin(), clients_.end(), [&](const auto& client) {
            raw_udp socket{client};
            socket.send(to_, message);
            auto answer = socket.receive();
            while (answer && is(wire::content_type::handshake, *answer))
                answer = socket.receive();  // a retransmission
            return answer && is(wire::content_type::alert, *answer);
        });
    }

private:
    [[nodiscard]] static bool is(wire::content_type type, const octets& datagram)
    {
        const auto record = wire::first_record(datagram);
        return record && record->type == type;
    }

    /// Each client has an address of its own, since the system reuses the port of a closed socket.
    [[nodiscard]] boost::asio::ip::address_v4 next_address() const
    {
        const auto number = static_cast<std::uint32_t>(clients_.size());
        return boost::asio::ip::address_v4{0x7f010001 + number / 200 * 256 + number % 200};
    }

    boost::asio::ip::udp::endpoint to_;
    std::vector<boost::asio::ip::udp::endpoint> clients_;
};

void check_that_wave_goes_back(std::size_t handshake_threads)
{
    server served{config_for_waves(handshake_threads)};
    served.serve(echo);
    crowd sessions{served.local_endpoints().front()};
    REQUIRE(sessions.connect(50));

    const auto before = resident_bytes();
    half_open_clients wave{served};
    for (std::size_t i = 0; i < waves_size; ++i) {
        REQUIRE(wave.add());
        // A session that stays, so that malloc cannot return the memory before it.
        if (i % 50 == 0) REQUIRE(sessions.connect(1));
    }
    REQUIRE(wave.fail());
    REQUIRE(eventually([&] { return served.metrics().handshakes_failed == waves_size; }));
    const auto after = resident_bytes();
    if (!sanitized) CHECK(after > before + handshakes_bytes / 2);

    served.trim_memory();
    CHECK((sanitized || eventually([&] { return resident_bytes() < after - (after - before) / 10 * 7; })));
    for (std::size_t i = 0; i < sessions.size(); ++i) sessions.say(i, std::to_string(i));
    for (std::size_t i = 0; i < sessions.size(); ++i) CHECK(sessions.hear(i) == std::to_string(i));
    CHECK(comes_to_balance(served));
}

}  // namespace

TEST_CASE("trim_memory: memory of a wave of half-open handshakes returns to the system and sessions continue")
{
    check_that_wave_goes_back(0);
}

TEST_CASE("trim_memory: memory of a wave on handshake threads returns to the system too")
{
    check_that_wave_goes_back(1);
}

TEST_CASE("trim_memory may be called at any time, before serve and after stop too")
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
