// Each system call that exports sessions to a file, imports them or marks them as used fails at its Nth time.
// These rules hold:
// - A session is here, or there, or has ended.
// - No two records are sealed under one nonce, even if a crash restores a withdrawn file.
// - The peer receives a close_notify if no process continues its session.

#include "faults/file_calls.hpp"
#include "faults/injection.hpp"
#include "server/single_use_registry.hpp"
#include "support/nonces/table.hpp"
#include "tls/random.hpp"
#include "unit/server/transfer_fixture.hpp"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>

using namespace quivive;
using namespace quivive::test;
namespace fs = std::filesystem;

namespace {

constexpr unsigned endless = 200;

std::uint64_t used_twice() { return nonce_table::of_process().counted().twice; }

/// A server with a client, and the next server at the same address with the same directory.
class voyage {
public:
    voyage()
    {
        config_ = loopback_config();
        config_.state = folder_.file("state");
        now_.emplace(config_);
        config_.listen = now_->served.local_endpoints();
        now_->served.serve(now_->handler);
        client_.emplace(config_.listen.front());
        std::atomic<bool> connected{false};
        std::thread connecting{[&] { connected = client_->connect(); }};
        now_->until([&] { return connected.load(); });
        connecting.join();
        REQUIRE(echoes("before"));
    }

    running& now() { return *now_; }
    stepwise_client& client() { return *client_; }
    [[nodiscard]] std::string place() const { return config_.state; }
    [[nodiscard]] std::string kept() const { return folder_.file("kept"); }

    /// Exports all sessions under test and returns the error.
    error_code export_all()
    {
        const under_test this_one;
        std::optional<error_code> result;
        now_->served.async_export_all(place(), [&](error_code error, std::size_t) { result = error; });
        now_->until([&] { return result.has_value(); });
        return *result;
    }
    bool echoes(const std::string& text)
    {
        std::atomic<bool> done{false};
        std::string heard;
        std::thread talking{[&] {
            heard = client_->echo(text);
            done = true;
        }};
        now_->until([&] { return done.load(); });
        talking.join();
        return heard == text;
    }
    /// Returns whether the client has received the server's close_notify.
    bool was_told()
    {
        while (client_->step(std::chrono::milliseconds{20})) {
        }
        return client_->association().close_reason() == sessions::close_reason::peer_closed;
    }
    /// Ends the server and starts another one, as two processes do.
    void begin_anew()
    {
        now_.reset();
        now_.emplace(config_);
    }
    /// Imports all sessions and returns their number. It can be called again for files that are left.
    std::size_t import_all()
    {
        const auto imported = now_->served.import_all(place()).imported;
        now_->served.serve(now_->handler);
        return imported;
    }
    /// Simulates a crash that leaves the file under its new name, whatever was done to it later.
    bool bring_back_the_file()
    {
        if (!fs::exists(kept())) return false;
        fs::copy_file(kept(), fs::path{place()} / "sessions.kept", fs::copy_options::overwrite_existing);
        return true;
    }

private:
    temp_directory folder_;
    server_config config_;
    std::optional<running> now_;
    std::optional<stepwise_client> client_;
};

/// A fault, and a function whose calls all fail besides.
struct fault {
    const char* function;
    int code = EIO;
    unsigned times = 1;
    const char* also = nullptr;
};

/// Exports with the nth call failing. Returns whether the call was reached.
bool exports_with(const fault& what, unsigned nth)
{
    INFO(what.function << ", call " << nth << ", " << what.times << " times, and "
                       << (what.also ? what.also : "-"));
    voyage on;
    const auto [error, reached] = [&] {
        const keeps_renamed keeping{on.kept()};
        std::optional<blockage> blocked;
        if (what.also) blocked.emplace(what.also, EIO);
        const injection once{what.function, nth, what.code, what.times};
        const auto result = on.export_all();
        return std::pair{result, once.reached()};
    }();
    if (!reached && !what.also) CHECK(!error);
    const bool goes_on = on.now().served.metrics().sessions == 1;
    CHECK(goes_on == (on.now().handler->ended == 0));
    if (goes_on) CHECK(error);
    if (!error) CHECK(on.now().handler->reason == errc::exported);
    if (error && !goes_on) CHECK(on.now().handler->reason == errc::export_failed);
    if (goes_on) CHECK(on.echoes("still here"));
    const bool told = !goes_on && on.was_told();

    on.begin_anew();
    const auto imported = on.import_all();
    if (goes_on) CHECK(imported == 0);
    if (!error) CHECK(imported == 1);
    if (!goes_on) CHECK(told == (imported == 0));
    if (imported > 0) CHECK(on.echoes("after"));
    on.begin_anew();
    if (on.bring_back_the_file()) {
        const auto back = on.import_all();
        if (back > 0 && !told) (void)on.echoes("after a crash");  // otherwise the client has closed
        CHECK(used_twice() == 0);
        CHECK(back + imported <= 1);
        if (goes_on) CHECK(back == 0);
    }
    CHECK(used_twice() == 0);
    return reached;
}

unsigned fail_each_export(const fault& what)
{
    for (unsigned nth = 1; nth < endless; ++nth)
        if (!exports_with(what, nth)) return nth - 1;
    FAIL(what.function << ": the calls do not end");
    return endless;
}

/// Imports with the nth call failing. Returns whether the call was reached.
bool imports_with(const char* function, unsigned nth, int code)
{
    INFO(function << ", call " << nth);
    voyage on;
    {
        const keeps_renamed keeping{on.kept()};
        REQUIRE(!on.export_all());
    }
    on.begin_anew();
    const auto [imported, reached] = [&] {
        const injection once{function, nth, code};
        const under_test this_one;
        const auto result = on.import_all();
        return std::pair{result, once.reached()};
    }();
    if (!reached) CHECK(imported == 1);
    if (imported == 1) CHECK(on.echoes("after"));
    const auto again = on.import_all();
    CHECK(imported + again <= 1);
    if (again == 1) CHECK(on.echoes("after all"));
    on.begin_anew();
    REQUIRE(on.bring_back_the_file());
    const auto back = on.import_all();
    if (back == 1) (void)on.echoes("after a crash");
    CHECK(used_twice() == 0);
    CHECK(imported + again + back <= 1);
    return reached;
}

/// Starts a server with the nth call failing. Returns whether the call was reached.
bool begins_with(const char* function, unsigned nth)
{
    INFO(function << ", call " << nth);
    const temp_directory folder;
    auto config = loopback_config();
    config.state = folder.file("above/state");
    const injection once{function, nth, EIO};
    bool begun = true;
    try {
        const under_test this_one;
        const running tried{config};
    } catch (const config_error& error) {
        CHECK(std::string{error.what()}.starts_with("state: " + config.state));
        begun = false;
    }
    if (!once.reached()) CHECK(begun);
    {
        const running next{config};
        CHECK(fs::exists(config.state + "/id"));
        CHECK(fs::exists(config.state + "/key"));
    }
    return once.reached();
}

tls::blob_name fresh_name()
{
    tls::blob_name name{{}, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    tls::fill_random(name.serial);
    return name;
}

}  // namespace

TEST_CASE("faults: sessions of an export with a failing call stay here or can be imported but never both")
{
    unsigned faults = 0;
    for (const auto* function : file_calls()) faults += fail_each_export({function});
    CHECK(faults >= 12);
    for (const unsigned times : {2U, 3U, injection::all_calls})
        CHECK(fail_each_export({"fsync", EIO, times}) >= 2);
    CHECK(fail_each_export({"openat", EMFILE, injection::all_calls}) >= 1);
    CHECK(fail_each_export({"write", ENOSPC, injection::all_calls}) >= 1);
}

TEST_CASE(
    "faults: an export that cannot be undone ends its sessions and closes those that cannot be imported")
{
    for (const auto* also : {"unlinkat", "ftruncate", "flock"}) {
        CHECK(fail_each_export({"fsync", EIO, injection::all_calls, also}) >= 2);
        CHECK(fail_each_export({"renameat", EIO, 1, also}) >= 1);
    }
}

TEST_CASE("faults: each session of an import with a failing call is used once or lost")
{
    unsigned faults = 0;
    for (const auto* function : file_calls())
        for (const int code : {EIO, EMFILE})
            for (unsigned nth = 1; nth < endless && imports_with(function, nth, code); ++nth) ++faults;
    CHECK(faults >= 16);
}

TEST_CASE("faults: a server reports a state directory that it cannot make and the next server can use it")
{
    unsigned faults = 0;
    for (const auto* function : file_calls())
        for (unsigned nth = 1; nth < endless && begins_with(function, nth); ++nth) ++faults;
    CHECK(faults >= 16);
}

TEST_CASE("faults: a used mark counts only after the directory of its file is synced, whoever made the file")
{
    const temp_directory folder;
    const auto in = std::make_shared<const runtime::open_folder>(folder.path());
    const auto claim = [](runtime::single_use_registry& used, unsigned failing) {
        const auto name = fresh_name();
        const injection once{"fsync", failing, EIO};
        const under_test this_one;
        try {
            return used.claim(std::span{&name, 1}, name.made).front() ==
                   runtime::single_use_registry::claim_result::fresh;
        } catch (const std::system_error&) {
            CHECK(once.reached());
            return false;
        }
    };
    runtime::single_use_registry first{in};
    CHECK(!claim(first, 1));  // the directory, which now has the file
    CHECK(!claim(first, 1));  // the same again
    CHECK(!claim(first, 2));  // the mark
    CHECK(claim(first, 2));   // only that sync is left
    runtime::single_use_registry another_process{in};
    CHECK(!claim(another_process, 1));
    CHECK(!claim(another_process, 2));
    CHECK(claim(another_process, 3));
}
