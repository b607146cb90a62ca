// Changes of the secrets while servers run.
#include "support/text.hpp"
#include "unit/server/transfer_fixture.hpp"

#if !defined(QUIVIVE_COOKIES_NEVER)

using namespace quivive;
using namespace quivive::test;

namespace {

const std::string old_secret = "the old secret, which is to go\n";
const std::string new_secret = "the new secret, which is to come\n";

/// A step of a change from the old secret to the new one: the files of two nodes.
struct secrets_step {
    std::string of_one, of_other;
};

const std::vector<secrets_step> steps{{old_secret, old_secret + new_secret},
                                      {old_secret + new_secret, new_secret + old_secret},
                                      {new_secret + old_secret, new_secret}};

/// Exports a session from a server with one file and imports it in another server with the other file.
bool is_taken_over(const std::string& of_exporter, const std::string& of_importer)
{
    two_servers w{of_exporter};
    REQUIRE(w.echoes(*w.first, "before"));
    const auto place = w.folder.path() / "state";
    REQUIRE(w.export_all_to(place) == 1U);
    w.first.reset();
    w.write_secrets(of_importer);
    w.second = std::make_unique<running>(w.config);
    const auto imported = w.second->served.import_all(place);
    CHECK(imported.imported + imported.refused == 1);
    w.second->served.serve(w.second->handler);
    return imported.imported == 1 && w.echoes(*w.second, "after");
}

}  // namespace

TEST_CASE("secrets: after a reload exported sessions are sealed under the first secret of the new file")
{
    two_servers w{old_secret};
    const auto place = w.folder.path() / "state";
    w.write_secrets(new_secret + old_secret);
    CHECK_NOTHROW((void)w.first->served.reload(w.config));  // `config.listen` now has the server's own port
    REQUIRE(w.echoes(*w.first, "before"));
    SECTION("all sessions")
    {
        REQUIRE(w.export_all_to(place) == 1U);
        w.write_secrets(new_secret);
        w.first.reset();
        w.second = std::make_unique<running>(w.config);
        CHECK(w.second->served.import_all(place).imported == 1);
        w.second->served.serve(w.second->handler);
    }
    SECTION("a single session")
    {
        w.export_one();
        const auto exported = w.first->handler->exported;
        w.write_secrets(new_secret);
        w.start_second();
        CHECK(!w.second->served.import_session(exported));
    }
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE(
    "secrets: the number of secrets is logged at the start and after a reload, and odd lines as warnings")
{
    const temp_directory folder;
    auto config = loopback_config();
    config.cookies.secret_file = folder.write("secret", old_secret);
    std::string log;
    config.log = [&log](log_level level, std::string_view line) {
        log += (level == log_level::warning ? "warning: " : "") + std::string{line} + '\n';
    };
    config.log_level = log_level::info;
    asio::io_context io;
    server served{io.get_executor(), config};
    CHECK(has(log, config.cookies.secret_file + ": has 1 secret\n"));
    (void)folder.write("secret", old_secret + new_secret);
    (void)served.reload(config);
    CHECK(has(log, config.cookies.secret_file + ": has 2 secrets,"));
    CHECK(!has(log, "warning: "));
    (void)folder.write("secret", old_secret + "\t" + new_secret);
    (void)served.reload(config);
    CHECK(has(log, "warning: " + config.cookies.secret_file + ":2: byte 0x09 is not printable ASCII"));
}

TEST_CASE("secrets: after a reload blobs sealed under any listed secret can be opened")
{
    two_servers w{old_secret};
    const auto place = w.folder.path() / "state";
    REQUIRE(w.export_all_to(place) == 1U);
    w.first.reset();
    w.write_secrets(new_secret);
    w.second = std::make_unique<running>(w.config);
    CHECK(w.second->served.import_all(place).refused == 1);  // and stays in place
    w.write_secrets("a third secret of the four\n" + new_secret + "a fourth one, to fill them\n" +
                    old_secret);
    CHECK(w.second->served.reload(w.config).empty());
    CHECK(w.second->served.import_all(place).imported == 1);
    w.second->served.serve(w.second->handler);
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE("secrets: at each step of a change sessions can be transferred in both directions")
{
    const auto& step = GENERATE(from_range(steps));
    CHECK(is_taken_over(step.of_one, step.of_other));
    CHECK(is_taken_over(step.of_other, step.of_one));
}

TEST_CASE("secrets: a transfer across a skipped step of a change is refused")
{
    CHECK_FALSE(is_taken_over(new_secret + old_secret, old_secret));
    CHECK_FALSE(is_taken_over(old_secret, new_secret));
}

TEST_CASE("secrets: an invalid file changes nothing, and sessions are sealed as before")
{
    two_servers w{old_secret};
    const auto place = w.folder.path() / "state";
    w.write_secrets(new_secret + "too short\n");
    CHECK_THROWS_AS(w.first->served.reload(w.config), config_error);
    REQUIRE(w.export_all_to(place) == 1U);
    w.first.reset();
    w.write_secrets(old_secret);
    w.second = std::make_unique<running>(w.config);
    CHECK(w.second->served.import_all(place).imported == 1);
    w.second->served.serve(w.second->handler);
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE("secrets: sessions with ids made under any listed secret are found on every thread")
{
    const temp_directory folder;
    auto config = loopback_config();
    config.threads = 3;
    config.connection_ids.enabled = true;
    config.limits.move_interval = std::chrono::milliseconds{0};
    config.state = folder.file("state");
    config.cookies.secret_file = folder.write("secret", old_secret);
    server served{config};
    served.serve(echo);
    std::vector<std::unique_ptr<stepwise_client>> clients;
    const auto all_move = [&] {
        clients.push_back(std::make_unique<stepwise_client>(served.local_endpoints().front()));
        clients.back()->want_connection_id();
        REQUIRE(clients.back()->connect());
        for (int i = 0; i < 8; ++i)
            for (const auto& client : clients) {
                client->move();
                const auto said = std::to_string(i);
                REQUIRE(client->echo(said) == said);
            }
    };
    all_move();
    for (const auto& content : {old_secret + new_secret, new_secret + old_secret, new_secret + old_secret}) {
        (void)folder.write("secret", content);
        CHECK(served.reload(config).empty());
        all_move();
    }
    CHECK(served.metrics().sessions == clients.size());
    CHECK(served.metrics().dropped[drop_reason::unknown_connection_id] == 0);
}

#endif
