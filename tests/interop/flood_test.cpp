// What strangers can cost: 100 000 ClientHellos from 10 000 addresses.
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/program.hpp"
#include "support/raw_udp.hpp"
#include "support/stepwise_client.hpp"

#include <memory>
#include <vector>

using namespace quivive;
using boost::asio::ip::address_v4;
using boost::asio::ip::udp;

namespace {

/// A real client's ClientHello without a cookie.
test::octets real_hello(const udp::endpoint& server)
{
    test::stepwise_client client{server};
    REQUIRE(client.connect());
    auto hello = client.sent().front();
    client.close();
    return hello;
}

}  // namespace

TEST_CASE("flood: 100 000 hellos without a cookie cost no memory, and are not amplified (RFC 6347 4.2.1)")
{
    test::program server;
    auto hello = real_hello(server.address());

    constexpr std::size_t sources = 10'000, rounds = 10,
                          open_at_once = 100;  // a burst that a receive buffer holds
    std::size_t before = 0;
    std::uint64_t answers = 0, bytes_out = 0, bytes_in = 0;
    for (std::size_t round = 0; round <= rounds; ++round) {
        // The first round is the warm-up: what a running server has touched once.
        if (round == 1) before = server.resident_bytes();
        for (std::size_t first = 0; first < sources; first += open_at_once) {
            std::vector<std::unique_ptr<test::raw_udp>> sockets;
            for (std::size_t i = first; i < first + open_at_once; ++i) {
                const auto address = static_cast<std::uint32_t>(0x7f400000 + i);  // 127.64.0.0 and on
                sockets.push_back(std::make_unique<test::raw_udp>(udp::endpoint{address_v4{address}, 0}));
                wire::write_integer(std::span{hello}.subspan(27, 4), first + i);  // a random of its own
                sockets.back()->send(server.address(), hello);
                bytes_in += hello.size();
            }
            for (const auto& socket : sockets)
                if (const auto answer = socket->receive(std::chrono::milliseconds{20})) {
                    ++answers;
                    bytes_out += answer->size();
                    CHECK(answer->size() == 44);
                }
        }
    }
    const auto grown = server.resident_bytes() - before;
    INFO("grown by " << grown << " bytes, " << answers << " answers, " << bytes_out << " of " << bytes_in);
    // Ten bytes a hello would be a megabyte. A sanitizer holds back what was freed, and maps more as it goes.
    constexpr std::ptrdiff_t bound = (test::sanitized ? 1'024 : 256) * 1'024;
    CHECK(static_cast<std::ptrdiff_t>(grown) < bound);
    CHECK(bytes_out <= bytes_in);
    CHECK(answers > sources * rounds / 2);

    test::stepwise_client honest{server.address()};
    REQUIRE(honest.connect());
    CHECK(honest.echo("still served") == "still served");
    honest.close();
    CHECK(server.stop() == 0);
    CHECK(server.counter("handshakes_started") == 2);
    CHECK(server.counter("sent_bytes") <= server.counter("received_bytes"));
}
