#include "bench/load/clients.hpp"

#include "bench/support/suites.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstring>
#include <memory>

namespace quivive::bench {

namespace asio = boost::asio;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);
/// A client with more outstanding messages than this receives coalesced datagrams: few buffers then hold many
/// answers. With fewer messages, 64 KiB a client does not pay.
constexpr std::size_t worth_coalescing = 8;

constexpr std::uint32_t first_address = 0x7f01'0001;  // 127.1.0.1

using message = std::vector<std::byte>;

/// Writes the current time into the message.
void stamp(message& text)
{
    const auto now = clock::now();
    std::memcpy(text.data(), &now, sizeof now);
}

clock::time_point stamp_of(asio::const_buffer text)
{
    clock::time_point when = clock::now();
    if (text.size() >= sizeof when) std::memcpy(&when, text.data(), sizeof when);
    return when;
}

/// Sends one message and waits a second for its echo.
asio::awaitable<bool> echo_once(session& with, message& text, tally& counts)
{
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer{co_await asio::this_coro::executor, std::chrono::seconds{1}};
    stamp(text);
    const auto [error, sent] = co_await with.async_send(asio::buffer(text), token);
    if (error) co_return false;
    const auto first = co_await (with.async_receive(token) || timer.async_wait(token));
    if (first.index() == 1) co_return false;
    const auto [failed, answer] = std::get<0>(first);
    if (failed) co_return false;
    counts.note(counts.echo_latencies_us, stamp_of(answer));
    co_return true;
}

/// A session and the number of answers received on it.
struct conversation {
    session with;
    std::uint64_t received = 0;
};

/// Sends the messages again when no answer comes for a second. Few messages are lost on a loopback, but a
/// loss must not make a session silent for the rest of the run.
asio::awaitable<void> watch(std::shared_ptr<conversation> talk, run_state& state, tally& counts)
{
    message text(state.chosen.size);
    asio::steady_timer timer{co_await asio::this_coro::executor};
    for (auto before = talk->received; !state.stop && talk->with.is_open(); before = talk->received) {
        timer.expires_after(std::chrono::seconds{1});
        co_await timer.async_wait(token);
        if (talk->received != before || state.stop) continue;
        counts.echoes_lost += state.chosen.outstanding;
        for (std::size_t i = 0; i < state.chosen.outstanding; ++i) {
            stamp(text);
            co_await talk->with.async_send(asio::buffer(text), token);
        }
    }
}

asio::awaitable<void> wait_for_go(const run_state& state)
{
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (!state.go && !state.stop) {
        timer.expires_after(std::chrono::milliseconds{10});
        co_await timer.async_wait(token);
    }
}

}  // namespace

client_config config_of(const plan& chosen, std::size_t number)
{
    client_config config;
    config.credentials = credentials_of(chosen.psk);
    config.priority = priority_of(chosen.psk);
    config.bind = {asio::ip::address_v4{first_address + static_cast<std::uint32_t>(number)}, 0};
    config.limits.max_datagram_bytes = 2'048;
    config.coalesce_received = chosen.outstanding > worth_coalescing;
    config.limits.close_timeout = std::chrono::milliseconds{250};
    config.limits.handshake_timeout = std::chrono::seconds{10};
    return config;
}

asio::awaitable<void> come_and_go(run_state& state, tally& counts, std::size_t number)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto config = config_of(state.chosen, number);
    message text(std::max(state.chosen.size, sizeof(clock::time_point)));
    while (!state.stop) {
        const auto begin = clock::now();
        auto [error, session] = co_await async_connect(executor, state.chosen.server, config, token);
        if (error) {
            ++counts.failed;
            continue;
        }
        ++counts.done;
        counts.note(counts.latencies_us, begin);
        for (std::size_t i = 0; i < state.chosen.echoes; ++i)
            ++(co_await echo_once(session, text, counts) ? counts.echoes : counts.echoes_lost);
        co_await session.async_close(token);
    }
}

asio::awaitable<void> stay_and_talk(run_state& state, tally& counts, std::size_t number)
{
    const auto executor = co_await asio::this_coro::executor;
    auto [error, session] =
        co_await async_connect(executor, state.chosen.server, config_of(state.chosen, number), token);
    state.arrived.add(!error);
    if (error) co_return;
    const auto talk = std::make_shared<conversation>(std::move(session));
    co_await wait_for_go(state);

    message text(std::max(state.chosen.size, sizeof(clock::time_point)));
    for (std::size_t i = 0; i < state.chosen.outstanding; ++i) {
        stamp(text);
        co_await talk->with.async_send(asio::buffer(text), token);
    }
    asio::co_spawn(executor, watch(talk, state, counts), asio::detached);
    while (!state.stop) {
        const auto [failed, answer] = co_await talk->with.async_receive(token);
        if (failed) {
            ++counts.failed;
            co_return;
        }
        ++talk->received;
        ++counts.done;
        counts.note(counts.latencies_us, stamp_of(answer));
        stamp(text);
        co_await talk->with.async_send(asio::buffer(text), token);
    }
}

}  // namespace quivive::bench
