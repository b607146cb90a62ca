// A server that stops and starts while a thousand clients send messages.
#include "quivive/server_config.hpp"
#include "support/catch.hpp"
#include "support/crowd.hpp"
#include "support/nonces/preloaded.hpp"
#include "support/program.hpp"
#include "support/temp_directory.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace quivive;
using test::crowd;

namespace {

constexpr std::size_t how_many = 1'000;

/// Sends messages while no server runs. They are lost, as any datagram may be; only later messages count.
void say_in_vain(crowd& all)
{
    for (std::size_t i = 0; i < all.size(); i += 10) all.say(i, "while away");
    all.flush();
}

std::size_t echoes(crowd& all, const std::string& word)
{
    std::size_t good = 0;
    for (std::size_t begin = 0; begin < all.size(); begin += 50) {
        const auto end = std::min(all.size(), begin + 50);
        for (auto i = begin; i < end; ++i) all.say(i, word + std::to_string(i));
        for (auto i = begin; i < end; ++i) good += all.hear(i) == word + std::to_string(i) ? 1U : 0U;
    }
    return good;
}

}  // namespace

TEST_CASE("restart: a thousand clients continue after a stop and a start without a new handshake")
{
    const auto threads = GENERATE("1", "3");
    const test::temp_directory folder;
#if defined(QUIVIVE_NONCES_LIBRARY)
    const test::preloaded_oracle oracle{QUIVIVE_NONCES_LIBRARY, folder.file("nonces")};
#endif
    const auto keys =
        folder.write("psk", std::string{crowd::identity}.append(":").append(crowd::key).append("\n"));
    const std::vector<std::string> options{"--psk-file",         keys,        "--state",
                                           folder.file("state"), "--threads", threads};

    std::optional<test::program> server;
    server.emplace(options);
    const auto place = server->address();
    crowd all{place};
    REQUIRE(all.connect(how_many));
    REQUIRE(echoes(all, "before ") == how_many);

    for (int round = 0; round < 2; ++round) {
        CHECK(server->stop() == 0);
        CHECK(server->counter("sessions_exported") == how_many);
        CHECK(server->counter("handshakes_started") == (round == 0 ? how_many : 0));
        say_in_vain(all);
        server.emplace(options, to_string(place));
        CHECK(server->output().find("took over 1000 sessions") != std::string::npos);
        CHECK(echoes(all, "after ") == how_many);
    }
    CHECK(server->stop() == 0);
    CHECK(server->counter("sessions_imported") == how_many);
    CHECK(server->counter("handshakes_started") == 0);
#if defined(QUIVIVE_NONCES_LIBRARY)
    // For each client: a Finished, three echoes, a close_notify at the end, and two exported blobs.
    CHECK(oracle.counted().pairs >= 7 * how_many);
    CHECK(oracle.counted().twice == 0);
#endif
}
