// Cost of a lookup among many peers: records of known peers in random order, against caches.
#include "bench/micro/harness.hpp"
#include "bench/micro/null_outbox.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

#include <random>
#include <stdexcept>

namespace quivive::bench {

namespace {

/// Ignores all events and never answers an offer, which makes connections without the cost of a handshake.
struct offering final : dispatch::listener {
    dispatch::admission_action admit(const wire::client_hello_view&, const wire::path&, const gate::verdict&,
                                     const load&) noexcept override
    {
        return dispatch::admission_action::offer;
    }
    void offered(dispatch::connection&, const wire::client_hello_view&) noexcept override {}
    void established(dispatch::connection&) noexcept override {}
    void readable(dispatch::connection&) noexcept override {}
    void moved(dispatch::connection&, const wire::path&) noexcept override {}
    void ended(dispatch::connection&, bool) noexcept override {}
    void load_changed(const load&) noexcept override {}
    void share_reached(const wire::endpoint&, const dispatch::reached_share&) noexcept override {}
};

wire::path path_of(std::size_t index) { return test::world::path_of(static_cast<unsigned>(index), 1'000); }

void fill(dispatch::dispatcher& server, std::size_t size, time_point now)
{
    null_outbox out;
    const auto hello = test::hello_builder{}.record();
    for (std::size_t i = 0; i < size; ++i) (void)server.route(path_of(i), hello, now, out);
    if (server.size() != size) throw std::logic_error{"the table did not fill"};
}

void measure(harness& with, std::size_t size)
{
    const auto name = "table/" + std::to_string(size) + " ";
    if (!with.wants(name + "known") && !with.wants(name + "stranger")) return;
    test::world around{{}, {.exchange = cookie_exchange::never, .trust_all_networks = true}};
    offering listener;
    limits wide = around.limits;
    wide.max_sessions = wide.max_sessions_per_source = size;
    wide.max_half_open = wide.max_half_open_per_source = size;
    dispatch::dispatcher server{
        {{std::make_shared<const limits>(wide), around.settings, test::any_server_context(), {}},
         around.gate,
         listener,
         around.counters,
         {1, 2},
         around.meter,
         {dispatch::id_codec{{3, 4}, 8, 1}, 0, around.random_ids}},
        around.now};
    fill(server, with.scaled(size), around.now);

    // A record of epoch 1, which a connection that is not yet accepted drops at once.
    const auto record = test::make_record(wire::content_type::application_data, test::octets(64), 1);
    null_outbox out;
    std::minstd_rand random{1};
    const auto members = with.scaled(size);
    with.measure(name + "known",
                 repeat([&] { keep(server.route(path_of(random() % members), record, around.now, out)); }));
    with.measure(name + "stranger", repeat([&] {
                     keep(server.route(path_of(members + random() % members), record, around.now, out));
                 }));
}

}  // namespace

void measure_table(harness& with)
{
    for (const std::size_t size : {std::size_t{1'000}, std::size_t{100'000}}) measure(with, size);
    if (with.largest() != 1'000 && with.largest() != 100'000) measure(with, with.largest());
}

}  // namespace quivive::bench
