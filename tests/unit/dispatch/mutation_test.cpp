#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

#include <random>

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::disposition;
using test::octets;
using test::world;

namespace {

/// Changes recorded datagrams in ways that break parsers, deterministically.
class mutator {
public:
    explicit mutator(std::vector<octets> real) : real_{std::move(real)} {}

    octets next()
    {
        auto datagram = real_[below(real_.size())];
        for (auto changes = below(4); changes > 0; --changes) change(datagram);
        return datagram;
    }
    std::size_t below(std::size_t limit) { return limit ? random_() % limit : 0; }

private:
    void change(octets& datagram)
    {
        const auto at = below(datagram.size());
        switch (below(6)) {
            case 0:
                if (!datagram.empty()) datagram[at] ^= std::byte{1} << below(8);
                break;
            case 1:
                if (!datagram.empty()) datagram[at] = static_cast<std::byte>(random_());
                break;
            case 2:
                datagram.resize(at);
                break;
            case 3:
                datagram.resize(datagram.size() + below(40));
                break;
            case 4:  // most parsers break in headers
                if (datagram.size() > 38) datagram[below(38)] = static_cast<std::byte>(random_());
                break;
            default: {
                const auto& other = real_[below(real_.size())];
                const auto from = static_cast<std::ptrdiff_t>(below(other.size()));
                datagram.insert(datagram.end(), other.begin() + from, other.end());
            }
        }
    }

    std::vector<octets> real_;
    std::mt19937 random_{6'347};
};

/// Returns the datagrams that a client sends from its first hello to its data.
std::vector<octets> real_datagrams()
{
    world around;
    auto& client = around.connect();
    client.send("some data");
    client.send("more data");
    return client.sent;
}

}  // namespace

TEST_CASE("Ten thousand broken datagrams are each counted once, harm no session and leave no state")
{
    limits chosen;
    chosen.max_half_open = 20;
    world around{chosen};
    auto& client = around.connect();
    auto real = real_datagrams();
    real.insert(real.end(), client.sent.begin(), client.sent.end());
    mutator broken{std::move(real)};

    metrics expected = around.counted();
    for (int i = 0; i < 10'000; ++i) {
        around.now += 1ms;
        const auto datagram = broken.next();
        // From the session's own address and from unknown peers.
        const auto path =
            broken.below(2) ? client.path() : world::path_of(2, static_cast<std::uint16_t>(broken.below(50)));
        around.outgoing.clear();
        const auto decided = around.route(path, datagram);
        ++(decided.disposition == disposition::delivered  ? expected.delivered
           : decided.disposition == disposition::answered ? expected.answered
                                                          : expected.dropped[decided.reason]);
        if (decided.disposition == disposition::answered)
            REQUIRE(around.outgoing.back().second.size() <= datagram.size());
        REQUIRE(around.counted().half_open <= 20);
        if (i % 1'000 == 0) around.server->advance(around.now, around);
    }
    const auto counted = around.counted();
    CHECK(counted.balanced());
    CHECK(counted.delivered == expected.delivered);
    CHECK(counted.answered == expected.answered);
    CHECK(counted.dropped.by_reason == expected.dropped.by_reason);

    around.outgoing.clear();
    CHECK(around.session_of(client));
    CHECK(around.echoes(client));
    around.pass(61s);
    CHECK(around.counted().half_open == 0);
    CHECK(around.counted().associations == 1);
}

TEST_CASE("Broken datagrams never end a handshake, since anyone may have sent them")
{
    // Only truncated or extended datagrams: the handshake's own integrity check covers changes of a message's
    // content.
    world around;
    auto& client = around.add_client();
    CHECK(around.begin(client).disposition == disposition::delivered);
    for (const auto& [path, datagram] : std::exchange(around.outgoing, {})) client.take(datagram);
    REQUIRE(client.outgoing.size() == 1);
    const auto flight = client.outgoing.front();
    for (std::size_t size = 0; size < 13; ++size)
        CHECK(
            around.route(client.path(), {flight.begin(), flight.begin() + static_cast<std::ptrdiff_t>(size)})
                .disposition == disposition::dropped);
    const auto oversized = test::make_octets({16, 0xff, 0xff, 0xff, 0, 9, 0, 0, 0, 0, 0, 0});
    CHECK(around.route(client.path(), test::make_record(wire::content_type::handshake, oversized)).reason ==
          drop_reason::oversized_handshake);
    CHECK(around.route(client.path(), test::make_record(wire::content_type::application_data, octets(40)))
              .reason == drop_reason::unexpected_record);
    CHECK(
        around.route(client.path(), test::make_record(wire::content_type::handshake, octets(40), 2)).reason ==
        drop_reason::bad_epoch);
    CHECK(around.route(client.path(), test::make_record(wire::content_type::handshake, octets(40), 1, 77))
              .disposition == disposition::delivered);  // kept as a Finished that arrived early
    around.settle();
    CHECK(client.connected());
    CHECK(around.counted().balanced());
}
