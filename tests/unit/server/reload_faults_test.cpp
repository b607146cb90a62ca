// A configuration that cannot be used, in whole or in part.
#include "support/temp_directory.hpp"
#include "support/text.hpp"
#include "unit/server/reload_fixture.hpp"

using namespace quivive;
using namespace std::chrono_literals;
using test::any_has;
using test::reception;
using test::serving;

namespace {

/// A server that refuses a bad configuration and keeps its own.
struct unmoved : serving {
    std::string pin = served.pin();
    reception met = test::meet(served, "127.0.0.2");

    /// Returns the problems of the refused configuration.
    std::vector<std::string> refuses(const server_config& bad)
    {
        const auto problems = test::refusal(served, test::dropping(bad));
        CHECK(served.metrics().reloads == 0);
        CHECK(served.pin() == pin);
        for (int i = 0; i < 3; ++i) CHECK(test::meet(served, "127.0.0.2") == met);
        return problems;
    }
};

}  // namespace

TEST_CASE("reload: all wrong values are listed, and nothing changes")
{
    unmoved server;
    auto bad = server.config;
    bad.mtu = 10;
    bad.cookies.rotate_every = 0ms;
    bad.limits.max_sessions = 0;
    const auto problems = server.refuses(bad);
    CHECK(problems.size() == 3);
    CHECK(any_has(problems, "mtu"));
    CHECK(any_has(problems, "rotate_every"));
    CHECK(any_has(problems, "max_sessions"));
}

TEST_CASE("reload: all unusable files are listed, and nothing changes")
{
    const test::temp_directory directory;
    unmoved server;
    auto bad = server.config;
    bad.credentials.certificate = certificate{.chain_file = directory.file("chain.pem"),
                                              .key_file = directory.file("key.pem"),
                                              .chain_pem = {},
                                              .key_pem = {}};
    bad.credentials.psk_file = directory.write("keys.psk", "alice:00ff\nbob:xyz\n");
    const auto problems = server.refuses(bad);
    CHECK(any_has(problems, directory.file("chain.pem")));
    CHECK(any_has(problems, directory.file("key.pem")));
    CHECK(any_has(problems, directory.file("keys.psk")));
}

#if !defined(QUIVIVE_COOKIES_NEVER)
TEST_CASE("reload: a secret file that others may read is refused, along with other problems")
{
    const test::temp_directory directory;
    unmoved server;
    auto bad = server.config;
    bad.cookies.secret_file = directory.write("secret", std::string(32, 's'));
    std::filesystem::permissions(bad.cookies.secret_file, std::filesystem::perms{0644});
    bad.credentials.psk_file = directory.file("keys.psk");
    const auto problems = server.refuses(bad);
    CHECK(problems.size() == 2);
    CHECK(any_has(problems, "0644"));
    CHECK(any_has(problems, directory.file("keys.psk")));

    std::filesystem::permissions(bad.cookies.secret_file, std::filesystem::perms{0600});
    bad.credentials.psk_file.clear();
    CHECK(test::refusal(server.served, test::dropping(bad)).empty());
    CHECK(test::soon_meets(server.served, "127.0.0.2", reception::nothing));
}
#endif

TEST_CASE("reload: a good configuration is accepted after a bad one")
{
    unmoved server;
    auto bad = server.config;
    bad.priority = "no such priority";
    CHECK(server.refuses(bad).size() == 1);
    CHECK(server.served.reload(test::dropping(server.config)).empty());
    CHECK(test::soon_meets(server.served, "127.0.0.2", reception::nothing));
    CHECK(server.served.metrics().reloads == 1);
}

TEST_CASE("reload: a setting that cannot change is listed by its key, and the rest is applied")
{
    struct fixed {
        const char* key;
        void (*change)(server_config&);
    };
    const auto one = GENERATE(
        fixed{"listen",
              [](auto& c) {
                  c.listen = {{boost::asio::ip::address_v4::loopback(), 9}};
              }},
        fixed{"listen", [](auto& c) { c.listen.clear(); }}, fixed{"threads", [](auto& c) { c.threads = 2; }},
        fixed{"receive_buffer", [](auto& c) { c.receive_buffer_bytes = 65'536; }},
        fixed{"send_buffer", [](auto& c) { c.send_buffer_bytes = 65'536; }},
        fixed{"limits.max_datagram_bytes", [](auto& c) { c.limits.max_datagram_bytes = 2'048; }},
        fixed{"limits.send_queue_datagrams", [](auto& c) { c.limits.send_queue_datagrams = 16; }});
    serving here;
    const auto endpoints = here.served.local_endpoints();
    auto changed = test::dropping(here.config);
    one.change(changed);
    const auto kept = here.served.reload(changed);
    REQUIRE(kept.size() == 1);
    INFO(kept.front());
    CHECK(kept.front().find(std::string{one.key} + " cannot change while running") == 0);
    CHECK(here.served.local_endpoints() == endpoints);
    CHECK(test::soon_meets(here.served, "127.0.0.2", reception::nothing));
    CHECK(here.served.metrics().reloads == 1);
    CHECK(here.served.reload(here.config).empty());  // the server still has its original values
}

TEST_CASE("reload: all settings that cannot change are listed at once")
{
    serving here;
    auto changed = here.config;
    changed.listen.clear();
    changed.threads = 7;
    changed.receive_buffer_bytes = changed.send_buffer_bytes = 65'536;
    changed.limits.max_datagram_bytes = 2'048;
    changed.limits.send_queue_datagrams = 16;
    CHECK(here.served.reload(changed).size() == 6);
}

TEST_CASE("reload: max_datagram_bytes keeps its value")
{
    serving here;
    auto changed = test::dropping(here.config);
    changed.limits.max_datagram_bytes = 2'048;
    CHECK(here.served.reload(changed).size() == 1);
    REQUIRE(test::soon_meets(here.served, "127.0.0.2", reception::nothing));
    const auto before = here.served.metrics().dropped.total();
    test::raw_udp{}.send(here.address(), test::octets(4'096));
    CHECK(test::eventually([&] { return here.served.metrics().dropped.total() == before + 1; }));
    CHECK(here.served.metrics().dropped[drop_reason::oversized_datagram] == 0);
}
