// Transfer of single sessions from one server to another.
#include "unit/server/transfer_fixture.hpp"

using namespace quivive;
using namespace quivive::test;

TEST_CASE("transfer: an exported session continues in another process without a new handshake")
{
    two_servers w;
    REQUIRE(w.echoes(*w.first, "before"));
    w.export_one();
    CHECK(w.first->handler->export_error == error_code{});
    CHECK(w.first->handler->reason == errc::exported);
    CHECK(w.first->served.metrics().sessions_exported == 1);
    CHECK(w.first->served.metrics().sessions == 0);
    const auto made = w.first->handler->exported;
    w.start_second();
    CHECK(w.second->served.import_session(made) == error_code{});
    CHECK(w.echoes(*w.second, "after"));
    CHECK(w.second->served.metrics().sessions_imported == 1);
    CHECK(w.second->served.metrics().sessions_without_ems ==
          0);  // the session has an extended master secret; its handshake was done elsewhere
    CHECK(w.second->served.metrics().handshakes_started == 0);

    w.client->close();
    w.second->until([&] { return w.second->handler->ended == 1; });
    CHECK(w.second->handler->reason == asio::error::eof);
    CHECK(w.second->handler->imported);
    CHECK(text_of(asio::buffer(w.second->handler->application)) == "export");
}

TEST_CASE("transfer: a blob is imported once, by whichever process comes first")
{
    two_servers w;
    w.export_one();
    const auto made = w.first->handler->exported;
    w.start_second();
    CHECK(w.second->served.import_session(made) == error_code{});
    CHECK(w.second->served.import_session(made) == errc::used_blob);
    REQUIRE(w.echoes(*w.second, "hello"));
    w.second.reset();
    w.second = std::make_unique<running>(w.config);
    CHECK(w.second->served.import_session(made) == errc::used_blob);
}

TEST_CASE("transfer: a blob with any byte changed is refused and is not marked as used")
{
    two_servers w;
    w.export_one();
    const auto made = w.first->handler->exported;
    w.start_second();
    for (std::size_t at = 0; at < made.size(); ++at) {
        auto changed = made;
        changed[at] ^= std::byte{4};
        CHECK(w.second->served.import_session(changed) == errc::bad_blob);
    }
    CHECK(w.second->served.import_session({}) == errc::bad_blob);
    CHECK(w.second->served.import_session(made) == error_code{});
}

TEST_CASE("transfer: an export that is impossible fails with its reason and the session continues")
{
    two_servers w;
    auto config = w.config;
    config.listen = test::loopback_config().listen;
    config.connection_ids.enabled = false;
    const bool attached = GENERATE(true, false);
    if (attached) config.record_layer = record_layer::attached;
    if (!attached) config.state.clear();
    w.first = std::make_unique<running>(config);
    w.first->served.serve(w.first->handler);
    w.client.emplace(w.first->served.local_endpoints().front());
    w.connected = false;
    std::thread connecting{[&] { w.connected = w.client->connect(); }};
    w.first->until([&] { return w.connected.load(); });
    connecting.join();
    w.client->send("export");
    w.first->until([&] { return static_cast<bool>(w.first->handler->export_error); });
    CHECK(w.first->handler->export_error == (attached ? errc::not_exportable : errc::no_state));
    CHECK(w.echoes(*w.first, "still here"));
    if (!attached) CHECK(w.first->served.import_session({}) == errc::no_state);
}
