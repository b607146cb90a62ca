// All sessions of a server, in a file for the next one.
#include "unit/server/transfer_fixture.hpp"

#include <filesystem>

using namespace quivive;
using namespace quivive::test;

TEST_CASE("transfer: all sessions leave for a file and come back from it, with what their handler gave along")
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

TEST_CASE("transfer: what belongs to another server with the same state is left for that one")
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

TEST_CASE("transfer: with another secret nothing is lost, so that the right one can follow")
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

TEST_CASE("transfer: when the file cannot be written all goes on")
{
    two_servers w;
    std::optional<error_code> result;
    w.first->served.async_export_all("/proc/none", [&](error_code error, std::size_t) { result = error; });
    w.first->until([&] { return result.has_value(); });
    CHECK(*result);
    CHECK(w.first->served.metrics().sessions == 1);
    CHECK(w.echoes(*w.first, "still here"));
}
