// Cost of a datagram of an unknown peer, up to the decision: the dispatcher's path from `route`, with gate
// and cookie.
#include "bench/micro/harness.hpp"
#include "bench/micro/null_outbox.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"
#include "wire/client_hello.hpp"

#include <stdexcept>
#include <utility>

namespace quivive::bench {

namespace {

using dispatch::disposition;
using test::octets;

/// Returns the same hello with another cookie.
octets with_wrong_cookie(octets hello)
{
    const auto record = wire::first_record(hello);
    const auto read = wire::read_client_hello(record.value());
    const auto cookie = std::get<wire::client_hello_view>(read).cookie;
    hello[static_cast<std::size_t>(cookie.data() - hello.data())] ^= std::byte{1};
    return hello;
}

}  // namespace

void measure_gate(harness& with)
{
    if (!with.wants("gate/")) return;
    test::world world;
    world.listener.answer = dispatch::admission_action::refuse;  // steps after the gate are not its cost
    null_outbox out;

    auto& client = world.add_client();
    client.hello();
    const auto bare = client.outgoing.front();
    (void)world.deliver(client);
    client.take(world.outgoing.back().second);
    const auto proven = client.outgoing.front();

    const std::pair<const char*, std::pair<octets, disposition>> cases[] = {
        {"gate/noise", {octets(100, std::byte{0xa7}), disposition::dropped}},
        {"gate/stray record",
         {test::make_record(wire::content_type::application_data, octets(64), 1), disposition::dropped}},
        {"gate/no cookie", {bare, disposition::answered}},
        {"gate/wrong cookie", {with_wrong_cookie(proven), disposition::answered}},
        {"gate/right cookie", {proven, disposition::dropped}},  // the application refuses it
    };
    for (const auto& [name, what] : cases) {
        const auto& [datagram, expected] = what;
        if (world.server->route(client.path(), datagram, world.now, out).disposition != expected)
            throw std::logic_error{std::string{name} + " got an unexpected disposition"};
        with.measure(name,
                     repeat([&] { keep(world.server->route(client.path(), datagram, world.now, out)); }));
    }
    if (!world.listener.last_proven) throw std::logic_error{"the right cookie was not accepted"};
}

}  // namespace quivive::bench
