// micro [--filter TEXT] [--once]: measures the parts of a server, each alone, without a socket.
#include "bench/micro/harness.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv)
{
    using namespace quivive::bench;
    harness::options chosen;
    CLI::App app{"What the parts of a server cost"};
    app.add_option("--filter", chosen.filter, "Only benchmarks with this text in their name");
    app.add_option("--largest", chosen.largest, "Sessions of the largest table, and timers of the wheel");
    app.add_flag("--once", chosen.once, "Run each once, without measuring");
    app.add_flag("--json", chosen.json, "Print a line of JSON for each");
    CLI11_PARSE(app, argc, argv);
    try {
        harness with{chosen};
        measure_gate(with);
        measure_table(with);
        measure_timer_wheel(with);
        measure_records(with);
        measure_handshakes(with);
        measure_hostile(with);
        if (with.measured() == 0)
            std::fprintf(stderr, "micro: nothing has '%s' in its name\n", chosen.filter.c_str());
        return with.measured() > 0 ? 0 : 1;
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "micro: %s\n", fault.what());
        return 2;
    }
}
