#include "bench/load/hello_flood.hpp"

#include "bench/support/suites.hpp"
#include "tls/handshake.hpp"
#include "wire/record.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <poll.h>

namespace quivive::bench {

namespace {

constexpr std::uint32_t first_address = 0x7f40'0001;  // 127.64.0.1
constexpr std::size_t random_at = 27;                 // offset in a record with a whole ClientHello
constexpr std::size_t sequence_at = 7;
constexpr int lost_after_ms = 50;

using octets = std::vector<std::byte>;

/// Returns the first ClientHello of a quivive client.
octets first_flight(const std::string& psk)
{
    struct keep final : wire::outbox {
        octets datagram;
        void send(const wire::path&, wire::bytes sent) noexcept override
        {
            datagram.assign(sent.begin(), sent.end());
        }
    } out;
    const auto context = make_client_context(psk);
    (void)tls::make_client_handshake(context, {}, {}, {}, out);
    return out.datagram;
}

/// Returns a record of a session that does not exist.
octets stray_record()
{
    octets record(wire::record_header_size + 64, std::byte{0x5a});
    record[0] = static_cast<std::byte>(wire::content_type::application_data);
    wire::write_integer(std::span{record}.subspan(1, 2), wire::dtls_1_2);
    wire::write_integer(std::span{record}.subspan(3, 2), 1);  // epoch
    wire::write_integer(std::span{record}.subspan(11, 2), 64);
    return record;
}

}  // namespace

hello_flood::hello_flood(const plan& chosen) : chosen_{chosen}, socket_{chosen.server}
{
    if (chosen.kind == "hello") {
        datagram_ = first_flight(chosen.psk);
        counter_at_ = random_at;
    } else if (chosen.kind == "record") {
        datagram_ = stray_record();
        counter_at_ = sequence_at;
    } else if (chosen.kind == "junk") {
        datagram_.assign(100, std::byte{0xa7});
    } else {
        throw std::invalid_argument{"--kind: hello, record or junk"};
    }
}

void hello_flood::run(const std::atomic<bool>& stop)
{
    chosen_.rate > 0 ? run_paced(stop) : run_answered(stop);
}

void hello_flood::send_some(std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i, ++number_) {
        wire::write_integer(std::span{datagram_}.subspan(counter_at_, 4), number_);
        socket_.push(first_address + static_cast<std::uint32_t>(number_ % chosen_.sources), datagram_);
    }
    socket_.flush();
    sent += count;
    bytes_sent += count * datagram_.size();
}

std::size_t hello_flood::read_answers()
{
    const auto arrivals = socket_.receive();
    for (const auto& arrival : arrivals) bytes_answered += arrival.data.size();
    answered += arrivals.size();
    return arrivals.size();
}

/// Sends the next hello when an answer arrives. Without an answer for `lost_after_ms`, all outstanding hellos
/// count as lost.
void hello_flood::run_answered(const std::atomic<bool>& stop)
{
    std::size_t out = 0;
    while (!stop) {
        if (out < chosen_.window) send_some(chosen_.window - out), out = chosen_.window;
        const auto got = read_answers();
        out -= std::min(got, out);
        if (got > 0) continue;
        pollfd readable{socket_.descriptor(), POLLIN, 0};
        (void)poll(&readable, 1, lost_after_ms);
        const auto late = read_answers();
        out = late > 0 ? out - std::min(late, out) : 0;
    }
}

/// Sends a few at a time, so that the server's receive buffer gets no bursts beyond the rate.
void hello_flood::run_paced(const std::atomic<bool>& stop)
{
    using namespace std::chrono;
    constexpr auto step = milliseconds{1};
    const double each_step = chosen_.rate / 1'000;
    double due = 0;
    for (auto next = steady_clock::now(); !stop; next += step) {
        due += each_step;
        const auto count = static_cast<std::size_t>(due);
        due -= static_cast<double>(count);
        send_some(count);
        while (read_answers() > 0) continue;
        std::this_thread::sleep_until(next);
    }
}

}  // namespace quivive::bench
