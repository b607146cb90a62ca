#include "bench/load/client_group.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <exception>

#include <sys/resource.h>
#include <unistd.h>

namespace quivive::bench {

namespace {

/// Network errors arrive as values, so an exception of a client is a bug in this program.
void report(const std::exception_ptr& thrown)
try {
    if (thrown) std::rethrow_exception(thrown);
} catch (const std::exception& fault) {
    std::fprintf(stderr, "load: a client ended: %s\n", fault.what());
}

}  // namespace

client_group::client_group(const plan& chosen, part what)
    : state_{chosen}, workers_(std::max<std::size_t>(chosen.threads, 1))
{
    for (std::size_t i = 0; i < chosen.clients; ++i) {
        auto& each = workers_[i % workers_.size()];
        boost::asio::co_spawn(each.io, what(state_, each.counts, chosen.first + i), report);
    }
    for (auto& each : workers_)
        threads_.emplace_back([&each, yields = chosen.yields] {
            if (yields) (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
            each.io.run();
        });
}

client_group::~client_group() { stop(); }

std::uint64_t client_group::sum(std::atomic<std::uint64_t> tally::*what) const
{
    std::uint64_t all = 0;
    for (const auto& each : workers_) all += each.counts.*what;
    return all;
}

void client_group::measure(bool on)
{
    for (auto& each : workers_) each.counts.measuring = on;
}

void client_group::stop()
{
    state_.stop = true;
    for (auto& each : workers_) each.io.stop();
    threads_.clear();
}

std::vector<float> client_group::samples(std::vector<float> tally::*which) const
{
    std::vector<float> all;
    for (const auto& each : workers_)
        all.insert(all.end(), (each.counts.*which).begin(), (each.counts.*which).end());
    return all;
}

}  // namespace quivive::bench
