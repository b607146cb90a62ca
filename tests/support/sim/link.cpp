#include "support/sim/link.hpp"

#include "support/tamper.hpp"

namespace quivive::test::sim {

using namespace std::chrono_literals;

void link::pass(const octets& datagram, const arrival& arrive)
{
    if (state.blackhole || datagram.size() > state.mtu) return;
    if (!random_.chance(state.loss)) deliver(datagram, arrive);
    if (random_.chance(state.duplicate)) deliver(datagram, arrive);
}

void link::deliver(octets datagram, const arrival& arrive)
{
    const auto queued = wait_for_the_wire(datagram.size());
    if (queued > 1s) return;  // the queue before the wire is full
    auto wait = queued + state.delay + state.jitter * random_.below(1'001) / 1'000;
    if (random_.chance(state.reorder)) wait += state.held_back * random_.below(1'001) / 1'000;
    const bool corrupt = random_.chance(state.corrupt);
    const auto original = datagram;
    if (corrupt) tamper(datagram, random_);
    const bool genuine = !corrupt || datagram == original;
    time_.after(wait, [arrive, genuine, sent = std::move(datagram)] { arrive(sent, genuine); });
}

duration link::wait_for_the_wire(std::size_t size)
{
    if (state.bytes_per_second == 0) return {};
    const auto begin = std::max(idle_from_, time_.now());
    const auto wait = begin - time_.now();
    if (wait <= 1s) idle_from_ = begin + 1s * size / state.bytes_per_second;
    return wait;
}

}  // namespace quivive::test::sim
