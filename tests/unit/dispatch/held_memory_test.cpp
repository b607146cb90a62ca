// `half_open_bytes_total`: bytes that all handshakes in progress hold together, without GnuTLS's own.
#include "dispatch/dispatcher.hpp"
#include "support/hello_builder.hpp"
#include "support/late_workers.hpp"
#include "support/world.hpp"

#include "support/catch.hpp"

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;
using dispatch::disposition;

namespace {

constexpr std::size_t total = 8'192;

limits with_total(std::size_t bytes = total)
{
    limits few;
    few.half_open_bytes_total = bytes;
    return few;
}

/// A record of application data that arrives before the Finished, of `size` bytes in all.
octets early_data(std::uint64_t number, std::size_t size)
{
    return make_record(wire::content_type::application_data, octets(size - 13), 1, number);
}

bool begins(world& around, remote& client)
{
    const bool begun = around.begin(client).disposition == disposition::delivered;
    around.outgoing.clear();
    return begun;
}

}  // namespace

TEST_CASE(
    "half_open_bytes_total: a record above the limit is dropped as half_open_memory and no handshake is lost")
{
    world around{with_total()};
    auto& first = around.add_client(1);
    auto& second = around.add_client(2);
    REQUIRE(begins(around, first));
    REQUIRE(begins(around, second));
    CHECK(around.route(first.path(), early_data(1, 2'000)).disposition == disposition::delivered);
    CHECK(around.route(first.path(), early_data(2, 2'000)).disposition == disposition::delivered);
    CHECK(around.route(second.path(), early_data(1, 2'000)).disposition == disposition::delivered);
    const auto decided = around.route(second.path(), early_data(2, 4'000));
    CHECK(decided.disposition == disposition::dropped);
    CHECK(decided.reason == drop_reason::half_open_memory);
    CHECK(around.counted().discarded[drop_reason::half_open_memory] == 1);
    CHECK(around.counted().balanced());
}

TEST_CASE(
    "half_open_bytes_total: a new handshake above the limit is dropped until the oldest may be displaced")
{
    world around{with_total(3'000)};
    auto& first = around.add_client(1);
    REQUIRE(begins(around, first));
    REQUIRE(around.route(first.path(), early_data(1, 1'500)).disposition == disposition::delivered);
    auto& new_client = around.add_client(2);
    CHECK(around.begin(new_client).reason == drop_reason::half_open_memory);
    CHECK(around.counted().half_open == 1);
    around.pass(2s);
    CHECK(around.route(new_client.path(), new_client.sent.back()).disposition == disposition::delivered);
    CHECK(around.counted().handshakes_displaced == 1);
    around.settle();
    CHECK(new_client.connected());
    CHECK(around.counted().balanced());
}

TEST_CASE("half_open_bytes_total: a handshake that ends frees the memory it held")
{
    world around{with_total(5'000)};
    for (int round = 0; round < 5; ++round) {
        auto& client = around.add_client(1);
        REQUIRE(begins(around, client));
        CHECK(around.route(client.path(), early_data(1, 1'500)).disposition == disposition::delivered);
        CHECK(around.route(client.path(), early_data(2, 4'800)).reason == drop_reason::half_open_memory);
        around.pass(61s);
        CHECK(around.counted().half_open == 0);
        around.clients.clear();
        around.outgoing.clear();
    }
    CHECK(around.connect(9).connected());
    auto& after = around.add_client(1);
    REQUIRE(begins(around, after));
    CHECK(around.route(after.path(), early_data(1, 1'500)).disposition == disposition::delivered);
}

TEST_CASE("half_open_bytes_total: handshakes that hold no records complete while another one holds many")
{
    world around{with_total(6'000)};
    auto& hoarder = around.add_client(1);
    REQUIRE(begins(around, hoarder));
    for (std::uint64_t number = 1; number <= 3; ++number)
        (void)around.route(hoarder.path(), early_data(number, 1'000));
    CHECK(around.connect(2).connected());
    CHECK(around.connect(3).connected());
}

TEST_CASE("half_open_bytes_total counts a hello that waits for the application")
{
    auto few = with_total(2'500);
    world around{few};
    around.listener.answer = dispatch::admission_action::offer;
    hello_builder hello;
    hello.extensions = make_extension(0xfefe, octets(3'000));
    const auto path = world::path_of(1, 1000);
    (void)around.route(path, hello.fragment(0, 400));
    const auto answer = around.outgoing.back().second;
    hello.cookie = {answer.end() - 16, answer.end()};
    hello.message_seq = 1;
    hello.record_sequence = 1;
    REQUIRE(around.route(path, hello.fragment(0, 400)).disposition == disposition::delivered);
    REQUIRE(around.listener.offers.size() == 1);
    CHECK(around.route(path, hello.fragment(400, 1'000)).disposition == disposition::delivered);
    CHECK(around.route(path, hello.fragment(1'400, 1'400)).reason == drop_reason::half_open_memory);
    around.server->refuse(*around.listener.offers.back(), false, around);
    CHECK(around.route(world::path_of(2, 1), hello.fragment(0, 400)).disposition == disposition::answered);
    CHECK(around.counted().balanced());
}

TEST_CASE("half_open_bytes_total counts records that wait for a step on a handshake thread")
{
    late_workers workers;
    world around{with_total(4'000), {}, any_server_context(), any_client_context(), nullptr, &workers};
    auto& client = around.add_client(1);
    REQUIRE(around.begin(client).disposition == disposition::delivered);
    REQUIRE(workers.steps.size() == 1);
    CHECK(around.route(client.path(), early_data(1, 2'000)).disposition == disposition::delivered);
    CHECK(around.route(client.path(), early_data(2, 2'400)).reason == drop_reason::half_open_memory);
    CHECK(around.begin(around.add_client(2)).reason == drop_reason::half_open_memory);
    workers.do_one(around);
    while (!workers.steps.empty()) workers.do_one(around);
    around.pass(61s);
    CHECK(around.counted().half_open == 0);
    CHECK(around.begin(around.add_client(3)).disposition == disposition::delivered);
    CHECK(around.counted().balanced());
}
