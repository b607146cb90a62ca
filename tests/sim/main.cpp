// sim: whole servers in a simulated network, in virtual time. A seed always produces the same world.
//   sim --seed S            runs one world
//   sim --seeds FIRST LAST  runs the worlds one after the other; fails when any of them breaks an invariant
//   sim --hours H           runs 200 clients on a bad network under a flood, for H virtual hours
//   sim --flood             runs attackers only, twice; fails when the second flood leaves more memory in use
//   sim --twice S           runs the same world twice; fails when the runs differ
#include "support/sim/scenario.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace quivive::test::sim;
using namespace std::chrono_literals;

namespace {

std::string program;

struct sum {
    visit_counts visits;
    quivive::metrics counted;
    std::uint64_t steps = 0, attacks = 0, restarts = 0, nonces = 0, broken = 0;
    quivive::duration time{};
};

void add(sum& all, const result& one, const std::string& replay)
{
    all.visits += one.visits;
    all.counted += one.counted;
    all.steps += one.steps;
    all.attacks += one.attacks;
    all.restarts += one.restarts;
    all.nonces += one.nonces;
    all.time += one.virtual_time;
    if (one.broken.empty()) return;
    ++all.broken;
    std::printf("BROKEN: %s\n  replay: %s %s\n", one.broken.c_str(), program.c_str(), replay.c_str());
}

int tell(const sum& all)
{
    const auto n = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
    const auto& v = all.visits;
    std::printf("%.2f virtual hours, %llu steps, %llu datagrams received, %llu attacks\n",
                std::chrono::duration<double, std::ratio<3'600>>(all.time).count(), n(all.steps),
                n(all.counted.received), n(all.attacks));
    std::printf(
        "visits: %llu begun, %llu connected, %llu timed out (%llu by bad luck alone), %llu failed\n"
        "  at most %.1f s to connect\n",
        n(v.begun), n(v.connected), n(v.timed_out), n(v.unlucky), n(v.failed),
        std::chrono::duration<double>(v.longest_handshake).count());
    std::printf("  %llu closed, %llu vanished, %llu restarted, %llu ended by the server, %llu rebound\n",
                n(v.closed), n(v.vanished), n(v.begun_anew), n(v.ended_by_server), n(v.rebound));
    std::printf("  %llu moved, %llu moved in the handshake; %llu messages after a move, %llu answered\n",
                n(v.moved), n(v.moved_early), n(v.asked_elsewhere), n(v.answered_elsewhere));
    std::printf("messages: %llu sent, %llu echoed\n", n(v.messages), n(v.answers));
    std::printf("server: %llu delivered, %llu answered, %llu dropped, %llu records discarded\n",
                n(all.counted.delivered), n(all.counted.answered), n(all.counted.dropped.total()),
                n(all.counted.discarded.total()));
    std::printf("  handshakes: %llu completed, %llu displaced, %llu timed out, %llu failed\n",
                n(all.counted.handshakes_completed), n(all.counted.handshakes_displaced),
                n(all.counted.handshakes_timed_out), n(all.counted.handshakes_failed));
    std::printf("  sessions: %llu moved, %llu datagrams withheld from them, %llu imported in %llu restarts\n",
                n(all.counted.sessions_moved), n(all.counted.datagrams_withheld),
                n(all.counted.sessions_imported), n(all.restarts));
    std::printf("%llu keys and nonces sealed under\n%llu broken invariants\n", n(all.nonces), n(all.broken));
    return all.broken == 0 ? 0 : 1;
}

int seeds(std::uint64_t first, std::uint64_t last)
{
    sum all;
    for (auto seed = first; seed <= last; ++seed)
        add(all, live_through(scenario_of(seed)), "--seed " + std::to_string(seed));
    const bool often = all.visits.unlucky * 50 > all.visits.begun && all.visits.begun > 200;
    if (often) std::printf("BROKEN: more than 2 %% of honest handshakes do not finish in time\n");
    const auto& v = all.visits;
    const bool lost = v.answered_elsewhere * 3 < v.asked_elsewhere && v.asked_elsewhere > 200;
    if (lost) std::printf("BROKEN: less than a third of the messages after a move are answered\n");
    return tell(all) + (often || lost ? 1 : 0);
}

int hours(double length)
{
    sum all;
    const auto whole = std::chrono::duration_cast<quivive::duration>(length * 1h);
    add(all, live_through(day(1, whole)), "--hours " + std::to_string(length));
    return tell(all);
}

int flood()
{
    sum all;
    const auto lived = live_through(quivive::test::sim::flood(1));
    add(all, lived, "--flood");
    std::printf("%td bytes more in use after the second flood than after the first\n", lived.growth);
    return tell(all) == 0 && lived.growth < 128 * 1'024 ? 0 : 1;
}

int twice(std::uint64_t seed)
{
    const auto once = live_through(scenario_of(seed));
    (void)live_through(scenario_of(seed + 1));
    const auto again = live_through(scenario_of(seed));
    std::printf("seed %llu: %016llx and %016llx after %llu steps\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(once.digest), static_cast<unsigned long long>(again.digest),
                static_cast<unsigned long long>(once.steps));
    return once.digest == again.digest && once.steps > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments)
{
    program = arguments[0];
    const std::string_view what = count > 1 ? arguments[1] : "";
    const auto number = [&](int i) { return std::strtoull(arguments[i], nullptr, 10); };
    if (what == "--seed" && count == 3) return seeds(number(2), number(2));
    if (what == "--seeds" && count == 4) return seeds(number(2), number(3));
    if (what == "--hours" && count == 3) return hours(std::strtod(arguments[2], nullptr));
    if (what == "--flood" && count == 2) return flood();
    if (what == "--twice" && count == 3) return twice(number(2));
    std::fprintf(stderr, "sim --seed S | --seeds FIRST LAST | --hours H | --flood | --twice S\n");
    return 2;
}
