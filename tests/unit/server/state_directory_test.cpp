#include "server/state_directory.hpp"

#include "quivive/error.hpp"
#include "server/blob_file.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace quivive;
using namespace quivive::runtime;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using octets = std::vector<std::byte>;

/// A state directory as one process opens it, and the lines it logs.
struct process {
    explicit process(const std::string& path, std::vector<secret> shared = {})
        : state{path, std::move(shared), log}
    {
    }
    octets key(std::size_t which = 0) { return state.current()->keys()[which].bytes(); }

    std::string lines;
    level_log log{[this](log_level, std::string_view line) { lines += std::string{line} + '\n'; },
                  log_level::warning};
    state_directory state;
};

secret secret_of(int number) { return secret{octets(32, std::byte(number))}; }

/// Copies with times, owners and modes, like a backup.
void copy_whole(const std::string& from, const std::string& to)
{
    const auto command = "cp -a '" + from + "' '" + to + "'";
    REQUIRE(std::system(command.c_str()) == 0);
}

/// Generates the folder's own secret and a shared secret.
std::vector<secret> either()
{
    return GENERATE(false, true) ? std::vector{secret_of(1)} : std::vector<secret>{};
}

}  // namespace

TEST_CASE("state directory: a directory that others may write to is refused")
{
    const test::temp_directory folder;
    const auto path = folder.file("open");
    fs::create_directory(path);
    fs::permissions(path, fs::perms::all);
    CHECK_THROWS_AS(process{path}, config_error);
    fs::permissions(path, fs::perms::owner_all);
    CHECK_NOTHROW(process{path});
}

TEST_CASE("state directory: files other than blob files are ignored, and old unfinished files are removed")
{
    const test::temp_directory folder;
    fs::create_directory(folder.path() / "sessions.folder");
    CHECK(blob_files(folder.path()).empty());
    const auto old = folder.path() / ".unfinished.1", recent = folder.path() / ".unfinished.2";
    for (const auto& file : {old, recent}) std::ofstream{file} << "half";
    fs::last_write_time(old, fs::file_time_type::clock::now() - 25h);
    const process begun{folder.path().string()};
    CHECK(!fs::exists(old));
    CHECK(fs::exists(recent));
}

TEST_CASE("state directory: a new directory is accessible to its owner alone, and its key stays the same")
{
    const test::temp_directory folder;
    const auto path = folder.file("a/b");
    process first{path};
    CHECK(fs::status(path).permissions() == fs::perms::owner_all);
    CHECK(fs::status(path + "/key").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(fs::status(path + "/id").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(first.key().size() >= 32);
    CHECK(process{path}.key() == first.key());
    CHECK(process{folder.file("other")}.key() != first.key());
    CHECK(first.lines.empty());
}

TEST_CASE("state directory: a shared secret replaces the directory's own key")
{
    const test::temp_directory folder;
    process one{folder.file("s"), {secret_of(1)}}, other{folder.file("s"), {secret_of(1)}};
    CHECK(one.key() == other.key());
    CHECK(!fs::exists(folder.file("s/key")));
    process with_another{folder.file("s"), {secret_of(2)}};
    CHECK(with_another.key() != one.key());
    process elsewhere{folder.file("t"), {secret_of(1)}};
    CHECK(elsewhere.key() != one.key());
}

TEST_CASE("state directory: an unusable directory is reported in a sentence")
{
    const test::temp_directory folder;
    const auto file = folder.write("file", "no folder");
    for (const auto& path : {file, file + "/below", std::string{"/proc/none"}}) {
        CAPTURE(path);
        try {
            process{path};
            FAIL("was taken");
        } catch (const config_error& error) {
            CHECK(std::string{error.what()}.starts_with("state: " + path + ": cannot be used: "));
        }
    }
    process{folder.file("open")};
    fs::permissions(folder.file("open/key"), fs::perms::others_read, fs::perm_options::add);
    CHECK_THROWS_AS(process{folder.file("open")}, config_error);
}

TEST_CASE("state directory: neither a copy nor a restored copy opens the blobs of the original")
{
    const test::temp_directory folder;
    const auto path = folder.file("state"), copy = folder.file("copy"), moved = folder.file("moved");
    const auto shared = either();
    const auto key = process{path, shared}.key();
    copy_whole(path, copy);
    const auto of_copy = process{copy, shared}.key();
    CHECK(of_copy != key);
    CHECK(process{path, shared}.key() == key);

    fs::rename(path, moved);
    CHECK(process{moved, shared}.key() == key);  // the same directory
    fs::remove_all(moved);
    copy_whole(copy, moved);  // often with the inode number that has just become free
    CHECK(process{moved, shared}.key() != key);
    CHECK(process{moved, shared}.key() != of_copy);
}

TEST_CASE("state directory: a directory removed while the server runs is created again, and that is logged")
{
    const test::temp_directory folder;
    const auto path = folder.file("state");
    const auto shared = either();
    process running{path, shared};
    const auto key = running.key();
    const auto own = running.state.current()->secrets().front().bytes();
    const auto before = running.state.current();
    CHECK(before->is_unchanged());
    fs::remove_all(path);
    CHECK(!before->is_unchanged());
    const auto made_again = running.key();
    CHECK(made_again != key);
    CHECK(running.lines.starts_with("state: " + path + ": was removed or replaced while the server ran"));
    CHECK(std::ranges::count(running.lines, '\n') == 1);
    CHECK(running.key() == made_again);
    CHECK(std::ranges::count(running.lines, '\n') == 1);
    // Connection ids are made with it, and the next process finds it there.
    CHECK(running.state.current()->secrets().front().bytes() == own);
    process next{path, shared};
    CHECK(next.key() == made_again);
    CHECK(next.state.current()->secrets().front().bytes() == own);
}

TEST_CASE("state directory: a replacement of its content while the server runs is detected")
{
    const test::temp_directory folder;
    const auto path = folder.file("state");
    process running{path};
    const auto key = running.key();
    SECTION("replaced by a copy")
    {
        copy_whole(path, folder.file("copy"));
        fs::rename(path, folder.file("moved"));
        fs::rename(folder.file("copy"), path);
        CHECK(running.key() != key);
        CHECK(!running.lines.empty());
    }
    SECTION("all its files removed")
    {
        fs::remove(path + "/id");
        fs::remove(path + "/key");
        CHECK(running.key() != key);
        CHECK(!running.lines.empty());
    }
    SECTION("only the key removed, and written again")
    {
        fs::remove(path + "/key");
        CHECK(running.key() == key);
        CHECK(running.lines.empty());
    }
    SECTION("only times changed")
    {
        fs::last_write_time(path + "/id", fs::file_time_type::clock::now() - 1h);
        CHECK(running.key() == key);
        CHECK(running.lines.empty());
    }
    CHECK(process{path}.key() == running.key());
}

TEST_CASE("state directory: a removed directory that cannot be created again is an error until it can")
{
    const test::temp_directory folder;
    const auto path = folder.file("above/state");
    process running{path};
    fs::remove_all(folder.file("above"));
    (void)folder.write("above", "no folder");
    CHECK_THROWS_AS((void)running.state.current(), fs::filesystem_error);
    CHECK(running.lines == "state: " + path + ": cannot be used: Not a directory\n");
    fs::remove(folder.file("above"));
    CHECK(process{path}.key() == running.key());
}

TEST_CASE("state directory: the first secret seals and all secrets open")
{
    const test::temp_directory folder;
    const auto path = folder.file("state");
    process running{path, {secret_of(1)}};
    const auto former = running.key();
    buffered_log said;
    CHECK(running.state.use({secret_of(2), secret_of(1)}, said));
    CHECK(running.key(0) != former);
    CHECK(running.key(1) == former);
    CHECK(running.state.current()->keys().size() == 2);
    CHECK(running.lines.empty());
    fs::remove_all(path);
    (void)folder.write("state", "no folder");
    CHECK(!running.state.use({secret_of(3)}, said));
    CHECK(running.lines.empty());
    said.write_to(running.log);
    CHECK(running.lines == "state: " + path + ": cannot be used: Not a directory\n");
    fs::remove(path);
    CHECK(running.state.current()->secrets().front().bytes() == secret_of(3).bytes());
}

TEST_CASE("state directory: a key file with an unsafe mode is logged with the file's message")
{
    const test::temp_directory folder;
    const auto path = folder.file("state");
    process running{path};
    fs::permissions(path + "/key", fs::perms{0644});
    CHECK_THROWS_AS((void)running.state.current(), config_error);
    CHECK(running.lines.starts_with("state: " + path + "/key: has mode 0644, "));
    CHECK(std::ranges::count(running.lines, '\n') == 1);
}
