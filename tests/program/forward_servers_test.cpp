// The servers of `quivive forward`, and configurations that they load at run time.
#include "program/forward_servers.hpp"

#include "support/catch.hpp"
#include "support/conversation.hpp"
#include "support/temp_directory.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <string>

using namespace quivive;
namespace fs = std::filesystem;

namespace {

/// Two rules with one directory for their sessions, and the log.
struct two_rules {
    two_rules()
    {
        config.server = test::loopback_config();
        config.server.listen.clear();
        config.server.state = folder.file("state");
        config.server.log = [this](log_level, std::string_view line) {
            const std::lock_guard lock{mutex};
            log += std::string{line} + '\n';
        };
        const boost::asio::ip::udp::endpoint anywhere{boost::asio::ip::address_v4::loopback(), 0};
        config.forward = {{{anywhere}, {anywhere.address(), 9}}, {{anywhere}, {anywhere.address(), 9}}};
    }
    bool logged(const std::string& words)
    {
        const std::lock_guard lock{mutex};
        return test::has(log, words);
    }

    test::temp_directory folder;
    config_file config;
    std::mutex mutex;
    std::string log;
};

bool all_have_reloaded(program::forward_servers& served)
{
    return std::ranges::all_of(served.servers(),
                               [](const auto& one) { return one.server->metrics().reloads == 1; });
}

}  // namespace

TEST_CASE("forward: a reload succeeds whatever the mode of the state directory, and logs a wrong mode")
{
    two_rules given;
    program::forward_servers served{given.config};
    served.begin();
    fs::permissions(given.config.server.state, fs::perms::all);
    CHECK(served.reload(given.config).empty());
    CHECK(given.logged("state: " + given.config.server.state + ": has mode 0777"));
    CHECK(all_have_reloaded(served));
    fs::permissions(given.config.server.state, fs::perms::owner_all);
}

TEST_CASE("forward: a reload does not check another state directory, since it cannot change")
{
    two_rules given;
    program::forward_servers served{given.config};
    served.begin();
    auto changed = given.config;
    changed.server.state = given.folder.write("file", "no folder");
    const auto kept = served.reload(changed);
    REQUIRE(kept.size() == 1);
    CHECK(test::has(kept.front(), "state cannot change while running"));
    CHECK(all_have_reloaded(served));
}

TEST_CASE("forward: a reload with an unusable file changes none of the servers")
{
    two_rules given;
    program::forward_servers served{given.config};
    served.begin();
    auto changed = given.config;
    changed.server.credentials.psk_file = given.folder.file("none");
    CHECK_THROWS_AS((void)served.reload(changed), config_error);
    CHECK(!all_have_reloaded(served));
    CHECK(served.counted().reloads == 0);
}
