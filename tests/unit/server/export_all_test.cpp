// Export of all sessions of a server to a file for the next server.
#include "unit/server/transfer_fixture.hpp"

#include <filesystem>

using namespace quivive;
using namespace quivive::test;

TEST_CASE("transfer: all sessions are exported to a file and imported with their application data")
{
    two_servers w;
    REQUIRE(w.echoes(*w.first, "before"));
    const auto place = w.folder.path() / "state";
    auto result = w.first->served.async_export_all(place, asio::use_future);
    w.first->until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    CHECK(result.get() == 1);
    w.first->until([&] { return w.first->handler->ended == 1; });
    w.first->until([&] { return w.first->handler->last_error == errc::exported; });

    w.first.reset();
    w.client->send("while nobody listens");
    w.second = std::make_unique<running>(w.config);
    const auto imported = w.second->served.import_all(place);
    CHECK(imported.imported == 1);
    CHECK(imported.refused == 0);
    CHECK(!imported.error);
    w.second->served.serve(w.second->handler);
    CHECK(w.echoes(*w.second, "after"));
    CHECK(w.second->served.import_all(place).imported == 0);
    w.client->close();
    w.second->until([&] { return w.second->handler->ended == 1; });
    CHECK(text_of(asio::buffer(w.second->handler->application)) == "first");
}

TEST_CASE("transfer: a file that was put back is refused, session by session")
{
    two_servers w;
    const auto place = w.folder.path() / "state";
    auto result = w.first->served.async_export_all(place, asio::use_future);
    w.first->until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    REQUIRE(result.get() == 1);
    for (const auto& entry : std::filesystem::directory_iterator{place})
        if (entry.path().filename().string().starts_with("sessions."))
            std::filesystem::copy(entry.path(), w.folder.path() / entry.path().filename());
    w.start_second();
    CHECK(w.second->served.import_all(place).imported == 1);
    const auto again = w.second->served.import_all(w.folder.path());
    CHECK(again.imported == 0);
    CHECK(again.refused == 1);
}

TEST_CASE("transfer: sessions of another server with the same state folder are left for that server")
{
    two_servers w;
    const auto place = w.folder.path() / "state";
    auto result = w.first->served.async_export_all(place, asio::use_future);
    w.first->until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    REQUIRE(result.get() == 1);
    w.first.reset();
    auto elsewhere = w.config;
    elsewhere.listen = test::loopback_config().listen;
    {
        running other{elsewhere};
        const auto found = other.served.import_all(place);
        CHECK(found.imported == 0);
        CHECK(found.refused == 1);
        CHECK(!found.error);
    }
    w.start_second();
    CHECK(w.second->served.import_all(place).imported == 1);
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE("transfer: an import with another secret loses nothing, and the right secret can follow")
{
    two_servers w;
    const auto place = w.folder.path() / "state";
    auto result = w.first->served.async_export_all(place, asio::use_future);
    w.first->until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    REQUIRE(result.get() == 1);
    w.first.reset();
    auto with_another = w.config;
    with_another.state = w.folder.file("another");
    {
        running other{with_another};
        const auto found = other.served.import_all(place);
        CHECK(found.imported == 0);
        CHECK(found.refused == 1);
    }
    w.start_second();
    CHECK(w.second->served.import_all(place).imported == 1);
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE("transfer: when the file cannot be written all sessions stay open")
{
    two_servers w;
    std::optional<error_code> result;
    w.first->served.async_export_all("/proc/none", [&](error_code error, std::size_t) { result = error; });
    w.first->until([&] { return result.has_value(); });
    CHECK(*result);
    CHECK(w.first->served.metrics().sessions == 1);
    CHECK(w.echoes(*w.first, "still here"));
}

TEST_CASE(
    "transfer: a copy of the state folder refuses exported sessions, and the original folder accepts them")
{
    two_servers w;
    w.config.cookies.secret_file = w.folder.write("secret", "a secret that both of them have");
    std::filesystem::permissions(w.config.cookies.secret_file, std::filesystem::perms::owner_read);
    (void)w.first->served.reload(w.config);
    REQUIRE(w.export_all_to(w.config.state) == 1);
    const auto copy = w.folder.file("copy");
    std::filesystem::copy(w.config.state, copy, std::filesystem::copy_options::recursive);
    std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
    w.first.reset();
    auto restored = w.config;
    restored.state = copy;
    {
        running other{restored};
        const auto found = other.served.import_all(copy);
        CHECK(found.imported == 0);
        CHECK(found.refused == 1);
        CHECK(!found.error);
    }
    w.start_second();
    CHECK(w.second->served.import_all(w.config.state).imported == 1);
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE("transfer: after removal of the state folder an export is sealed for the folder made again")
{
    two_servers w;
    const bool all = GENERATE(true, false);
    std::filesystem::remove_all(w.config.state);
    blob one;
    if (all) {
        REQUIRE(w.export_all_to(w.config.state) == 1);
    } else {
        w.export_one();
        one = w.first->handler->exported;
    }
    CHECK(w.log.find("was removed or replaced while the server ran") != std::string::npos);
    w.start_second();
    if (all)
        CHECK(w.second->served.import_all(w.config.state).imported == 1);
    else
        CHECK(w.second->served.import_session(one) == error_code{});
    CHECK(w.echoes(*w.second, "after"));
}

TEST_CASE(
    "transfer: a blob from before the removal of the state folder is refused, and a reload logs the removal")
{
    two_servers w;
    w.export_one();
    std::filesystem::remove_all(w.config.state);
    (void)w.first->served.reload(w.config);
    CHECK(std::filesystem::exists(w.config.state + "/id"));
    CHECK(w.log.find("was removed or replaced while the server ran") != std::string::npos);
    CHECK(w.first->served.import_session(w.first->handler->exported) == errc::bad_blob);
}

TEST_CASE("transfer: an export without a usable state folder fails and the sessions stay open")
{
    two_servers w;
    const bool all = GENERATE(true, false);
    std::filesystem::remove_all(w.config.state);
    (void)w.folder.write("state", "no folder");
    if (all) {
        CHECK(w.export_all_to(w.config.state) == std::nullopt);
    } else {
        w.client->send("export");
        w.first->until([&] { return static_cast<bool>(w.first->handler->export_error); });
    }
    CHECK(w.log.find("state: " + w.config.state + ": cannot be used: ") != std::string::npos);
    CHECK(w.first->served.import_session(blob(200, std::byte{1})) != error_code{});
    CHECK(w.echoes(*w.first, "still here"));
}
