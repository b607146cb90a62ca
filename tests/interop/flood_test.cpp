// The cost of unknown peers: 100 000 ClientHellos from 10 000 addresses.
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/program.hpp"
#include "support/raw_udp.hpp"
#include "support/stepwise_client.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
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
                          open_at_once = 100;  // a burst that fits in a receive buffer
    std::vector<std::ptrdiff_t> resident;      // after each round
    std::uint64_t answers = 0, bytes_out = 0, bytes_in = 0;
    for (std::size_t round = 0; round <= rounds; ++round) {
        for (std::size_t first = 0; first < sources; first += open_at_once) {
            std::vector<std::unique_ptr<test::raw_udp>> sockets;
            for (std::size_t i = first; i < first + open_at_once; ++i) {
                const auto address = static_cast<std::uint32_t>(0x7f400000 + i);  // 127.64.0.0 and on
                sockets.push_back(std::make_unique<test::raw_udp>(udp::endpoint{address_v4{address}, 0}));
                wire::write_integer(std::span{hello}.subspan(27, 4), first + i);  // a unique random
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
        resident.push_back(static_cast<std::ptrdiff_t>(server.resident_bytes()));
    }
    // The first round is the warm-up: the server touches its memory for the first time. A larger batch than
    // before touches more buffers, in whichever round it comes. Memory spent on hellos would grow in each
    // round.
    const auto grown = resident.back() - resident.front();
    std::adjacent_difference(resident.begin(), resident.end(), resident.begin());
    const auto middle = resident.begin() + 1 + rounds / 2;
    std::nth_element(resident.begin() + 1, middle, resident.end());
    INFO("grown by " << grown << " bytes, by " << *middle << " in most rounds, " << answers << " answers, "
                     << bytes_out << " of " << bytes_in);
    constexpr std::ptrdiff_t bound = 256 * 1'024;
    CHECK(*middle * static_cast<std::ptrdiff_t>(rounds) < bound);
    CHECK(grown < (test::sanitized ? 4 : 1) * bound);  // a sanitizer adds memory around each buffer
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
