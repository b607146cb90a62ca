#include "bench/load/paced.hpp"

#include "bench/load/client_group.hpp"
#include "bench/support/pause.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstring>
#include <memory>
#include <optional>

namespace quivive::bench {

namespace asio = boost::asio;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);

/// Records the delay of each echo since its message was due.
asio::awaitable<void> listen(std::shared_ptr<session> with, run_state& state, tally& counts)
{
    while (!state.stop) {
        const auto [failed, answer] = co_await with->async_receive(token);
        if (failed) co_return;
        clock::time_point due = clock::now();
        if (answer.size() >= sizeof due) std::memcpy(&due, answer.data(), sizeof due);
        ++counts.done;
        counts.note(counts.latencies_us, due);
    }
}

/// A crew of paced clients, measured after the warm-up.
class measured_pace {
public:
    explicit measured_pace(const plan& chosen) : chosen_{chosen}, clients_{chosen, stay_and_keep_pace} {}

    bool run(figures& found)
    {
        if (!clients_.state().arrived.wait_for(chosen_.clients)) return false;
        clients_.state().go = true;
        pause(chosen_.warm);
        clients_.measure(true);
        const auto begin = look_at(chosen_.pid, clients_.sum(&tally::done));
        const auto sent = clients_.sum(&tally::echoes);
        pause(chosen_.time);
        const auto end = look_at(chosen_.pid, clients_.sum(&tally::done));
        const auto sent_by_then = clients_.sum(&tally::echoes);
        clients_.stop();
        add_rates(found, begin, end);
        found.add("sent_per_second", static_cast<double>(sent_by_then - sent) / chosen_.time.count());
        return end.done > begin.done;
    }
    [[nodiscard]] std::vector<float> latencies() const { return clients_.samples(&tally::latencies_us); }

private:
    const plan& chosen_;
    client_group clients_;
};

}  // namespace

asio::awaitable<void> stay_and_keep_pace(run_state& state, tally& counts, std::size_t number)
{
    const auto executor = co_await asio::this_coro::executor;
    auto [error, made] =
        co_await async_connect(executor, state.chosen.server, config_of(state.chosen, number), token);
    state.arrived.add(!error);
    if (error) co_return;
    const auto with = std::make_shared<session>(std::move(made));
    asio::co_spawn(executor, listen(with, state, counts), asio::detached);

    const std::chrono::duration<double> each{static_cast<double>(state.chosen.clients) / state.chosen.rate};
    const auto step = std::chrono::duration_cast<clock::duration>(each);
    std::vector<std::byte> text(std::max(state.chosen.size, sizeof(clock::time_point)));
    asio::steady_timer timer{executor};
    // Spreads the clients over the time between two messages of one client.
    auto due = clock::now() + step * static_cast<long>(number) / static_cast<long>(state.chosen.clients);
    for (; !state.stop; due += step) {
        timer.expires_at(due);
        co_await timer.async_wait(token);
        if (!state.go) continue;
        std::memcpy(text.data(), &due, sizeof due);
        const auto [failed, size] = co_await with->async_send(asio::buffer(text), token);
        if (failed) co_return;
        ++counts.echoes;
    }
}

bool run_pace(const plan& chosen, figures& found)
{
    measured_pace pace{chosen};
    const bool good = pace.run(found);
    add_latencies(found, "", pace.latencies());
    return good;
}

bool run_storm(const plan& chosen, figures& found)
{
    figures calm_figures;
    std::vector<float> calm;
    {
        measured_pace pace{chosen};
        if (!pace.run(calm_figures)) return false;
        calm = pace.latencies();
    }
    auto of_storm = chosen;
    of_storm.psk.clear();
    of_storm.clients = chosen.storm;
    of_storm.first += chosen.clients;
    of_storm.yields = true;
    client_group storm{of_storm, come_and_go};
    pause(chosen.warm);
    measured_pace pace{chosen};
    const auto handshakes = storm.sum(&tally::done);
    const auto begun = clock::now();
    const bool good = pace.run(found);
    const std::chrono::duration<double> took = clock::now() - begun;
    found.add("handshakes_per_second",
              static_cast<double>(storm.sum(&tally::done) - handshakes) / took.count());
    add_latencies(found, "calm_", calm);
    add_latencies(found, "", pace.latencies());
    found.add("p99_ratio", quantile(pace.latencies(), 0.99) / quantile(calm, 0.99));
    return good;
}

}  // namespace quivive::bench
