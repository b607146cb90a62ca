#include "server/state_directory.hpp"

#include "quivive/error.hpp"
#include "server/durable_file.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "tls/random.hpp"
#include "wire/bytes.hpp"

#include <boost/system/system_error.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <span>
#include <thread>

using namespace quivive;
using namespace quivive::detail;
using namespace std::chrono_literals;
using verdict = used_blobs::verdict;
namespace fs = std::filesystem;

namespace {

const std::chrono::sys_seconds now =
    std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

tls::blob_name fresh_name(std::chrono::sys_seconds made = now)
{
    tls::blob_name name{{}, made};
    tls::fill_random(name.serial);
    return name;
}

verdict claim(used_blobs& used, const tls::blob_name& name)
{
    return used.claim(std::span{&name, 1}, now).front();
}

}  // namespace

TEST_CASE("used blobs: each is fresh once, for whoever shares the folder and after a restart")
{
    const test::temp_directory folder;
    used_blobs one{folder.path()}, other{folder.path()};
    const auto name = fresh_name(), second = fresh_name();
    CHECK(claim(one, name) == verdict::fresh);
    CHECK(claim(one, name) == verdict::used);
    CHECK(claim(other, name) == verdict::used);
    CHECK(claim(other, second) == verdict::fresh);
    CHECK(claim(one, second) == verdict::used);
    used_blobs later{folder.path()};
    CHECK(claim(later, name) == verdict::used);
}

TEST_CASE("used blobs: twice in one claim is once")
{
    const test::temp_directory folder;
    used_blobs used{folder.path()};
    const auto name = fresh_name();
    const std::vector names{name, fresh_name(), name};
    CHECK(used.claim(names, now) == std::vector{verdict::fresh, verdict::fresh, verdict::used});
}

TEST_CASE("used blobs: what is older than a week or from the future is not taken and old marks go")
{
    const test::temp_directory folder;
    used_blobs used{folder.path()};
    CHECK(claim(used, fresh_name(now - 7 * 24h - 1s)) == verdict::expired);
    CHECK(claim(used, fresh_name(now + 1h + 1s)) == verdict::expired);
    const auto old = fresh_name(now - 7 * 24h);
    CHECK(claim(used, old) == verdict::fresh);
    CHECK(claim(used, old) == verdict::used);
    (void)used.claim(std::vector{fresh_name(now + 10 * 24h)}, now + 10 * 24h);
    CHECK(std::distance(fs::directory_iterator{folder.path()}, {}) == 1);
}

TEST_CASE("used blobs: a mark that was cut off by a crash spoils no other")
{
    const test::temp_directory folder;
    const auto name = fresh_name(), next = fresh_name();
    {
        used_blobs used{folder.path()};
        CHECK(claim(used, name) == verdict::fresh);
    }
    const auto file = fs::directory_iterator { folder.path() } -> path();
    {
        std::ofstream out{file, std::ios::app | std::ios::binary};
        out << "cut";
    }
    used_blobs used{folder.path()};
    CHECK(claim(used, next) == verdict::fresh);
    used_blobs again{folder.path()};
    CHECK(claim(again, next) == verdict::used);
    CHECK(claim(again, name) == verdict::used);
}

TEST_CASE("used blobs: many at once on several threads are each fresh once")
{
    const test::temp_directory folder;
    std::vector<tls::blob_name> names(200);
    for (auto& name : names) name = fresh_name();
    std::array<std::size_t, 4> fresh{};
    {
        std::vector<std::jthread> threads;
        for (auto& count : fresh)
            threads.emplace_back([&] {
                used_blobs used{folder.path()};
                for (const auto& name : names) count += claim(used, name) == verdict::fresh ? 1U : 0U;
            });
    }
    CHECK(fresh[0] + fresh[1] + fresh[2] + fresh[3] == names.size());
}

TEST_CASE("used blobs: marks that cannot be written are an error and nothing is taken")
{
    used_blobs used{"/proc/no such folder"};
    CHECK_THROWS_AS(claim(used, fresh_name()), boost::system::system_error);
}

TEST_CASE("state directory: one that others may write to is refused")
{
    const test::temp_directory folder;
    const auto path = folder.file("open");
    fs::create_directory(path);
    fs::permissions(path, fs::perms::all);
    CHECK_THROWS_AS((state_directory{path, nullptr}), config_error);
    fs::permissions(path, fs::perms::owner_all);
    CHECK_NOTHROW(state_directory{path, nullptr});
}

TEST_CASE("state directory: what is no file of blobs is passed over, and what a killed process left goes")
{
    const test::temp_directory folder;
    fs::create_directory(folder.path() / "sessions.folder");
    CHECK(blob_files(folder.path()).empty());
    const auto old = folder.path() / ".unfinished.1", recent = folder.path() / ".unfinished.2";
    for (const auto& file : {old, recent}) std::ofstream{file} << "half";
    fs::last_write_time(old, fs::file_time_type::clock::now() - 25h);
    state_directory state{folder.path().string(), nullptr};
    CHECK(!fs::exists(old));
    CHECK(fs::exists(recent));
}

TEST_CASE("durable files: appear under their name when they are whole, or never")
{
    const test::temp_directory folder;
    const auto name = folder.path() / "file";
    {
        durable_file file{name};
        file.append(wire::as_bytes("lost"));
        CHECK(!fs::exists(name));
    }
    CHECK(fs::is_empty(folder.path()));
    for (const auto* text : {"first", "second"}) {
        durable_file file{name};
        file.append(wire::as_bytes(text));
        file.commit_if_first();
    }
    CHECK(fs::file_size(name) == 5);
    {
        durable_file file{name};
        file.append(wire::as_bytes("another"));
        file.commit();
    }
    CHECK(fs::file_size(name) == 7);
    CHECK(std::distance(fs::directory_iterator{folder.path()}, {}) == 1);
    CHECK_THROWS_AS(durable_file{"/proc/none"}, fs::filesystem_error);
}

TEST_CASE("state directory: is made for its owner alone with a key that stays")
{
    const test::temp_directory folder;
    const auto path = folder.file("a/b");
    state_directory first{path, nullptr};
    CHECK(fs::status(path).permissions() == fs::perms::owner_all);
    CHECK(fs::status(path + "/key").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(first.key().bytes().size() >= 32);
    CHECK(state_directory{path, nullptr}.key().bytes() == first.key().bytes());
    CHECK(state_directory{folder.file("other"), nullptr}.key().bytes() != first.key().bytes());
}

TEST_CASE("state directory: a secret that is shared takes the place of its key")
{
    const test::temp_directory folder;
    const secret shared{std::vector<std::byte>(32, std::byte{1})};
    CHECK(state_directory{folder.file("s"), &shared}.key().bytes() == shared.bytes());
    CHECK(!fs::exists(folder.file("s/key")));
}

TEST_CASE("state directory: one that cannot be used is told in a sentence")
{
    const test::temp_directory folder;
    const auto file = folder.write("file", "no folder");
    for (const auto& path : {file, file + "/below", std::string{"/proc/none"}}) {
        CAPTURE(path);
        try {
            state_directory{path, nullptr};
            FAIL("was taken");
        } catch (const config_error& error) {
            CHECK(std::string{error.what()}.starts_with("state: " + path + ": cannot be used: "));
        }
    }
    state_directory{folder.file("open"), nullptr};
    fs::permissions(folder.file("open/key"), fs::perms::others_read, fs::perm_options::add);
    CHECK_THROWS_AS((state_directory{folder.file("open"), nullptr}), config_error);
}

TEST_CASE("state directory: blobs are read as they were written and what a crash cut off is left out")
{
    const test::temp_directory folder;
    const std::vector<std::vector<std::byte>> blobs{
        {std::byte{1}}, {}, std::vector<std::byte>(500, std::byte{2})};
    write_blobs(folder.path() / "new", blobs);
    const auto files = blob_files(folder.path() / "new");
    REQUIRE(files.size() == 1);
    CHECK(read_blobs(files.front()) == blobs);
    fs::resize_file(files.front(), fs::file_size(files.front()) - 1);
    CHECK(read_blobs(files.front()).size() == 2);
    write_blobs(folder.path() / "new", {});
    CHECK(blob_files(folder.path() / "new").size() == 1);
    CHECK(blob_files(folder.path() / "none").empty());
    CHECK_THROWS_AS(write_blobs("/proc/none", blobs), fs::filesystem_error);
}
