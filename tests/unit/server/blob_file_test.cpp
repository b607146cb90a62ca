#include "server/blob_file.hpp"

#include "server/durable_file.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "wire/bytes.hpp"

#include <filesystem>

using namespace quivive;
using namespace quivive::runtime;
namespace fs = std::filesystem;

TEST_CASE("durable files: a file appears under its name when it is complete, or never")
{
    const test::temp_directory folder;
    const auto name = folder.path() / "file";
    const open_folder in{folder.path()};
    {
        durable_file file{in, "file"};
        file.append(wire::as_bytes("lost"));
        CHECK(!fs::exists(name));
        CHECK(!file.may_exist());
    }
    CHECK(fs::is_empty(folder.path()));
    for (const auto* text : {"first", "second"}) {
        durable_file file{in, "file"};
        file.append(wire::as_bytes(text));
        file.commit_if_first();
    }
    CHECK(fs::file_size(name) == 5);
    {
        durable_file file{in, "file"};
        file.append(wire::as_bytes("another"));
        file.commit();
    }
    CHECK(fs::file_size(name) == 7);
    CHECK(std::distance(fs::directory_iterator{folder.path()}, {}) == 1);
    const open_folder proc{"/proc"};
    CHECK_THROWS_AS((durable_file{proc, "none"}), fs::filesystem_error);
}

TEST_CASE("durable files: a committed file can be removed together with its content")
{
    const test::temp_directory folder;
    const open_folder in{folder.path()};
    durable_file file{in, "file"};
    file.append(wire::as_bytes("text"));
    file.commit();
    CHECK(file.may_exist());
    fs::create_hard_link(folder.path() / "file", folder.path() / "kept");
    CHECK(file.remove());
    CHECK(!fs::exists(folder.path() / "file"));
    CHECK(file.remove());
    CHECK(file.erase_content());
    CHECK(fs::file_size(folder.path() / "kept") == 0);
}

TEST_CASE(
    "open folder: a folder is created with its parents, and its stamp differs from that of a replacement")
{
    const test::temp_directory folder;
    const auto path = folder.path() / "a" / "b";
    make_folder(path / "");
    make_folder(path);
    CHECK(fs::status(path).permissions() == fs::perms::owner_all);
    CHECK_THROWS_AS(make_folder("/proc/none"), fs::filesystem_error);
    CHECK_THROWS_AS(make_folder("/proc/none/below"), fs::filesystem_error);

    const auto first = open_folder{path}.stamp();
    CHECK(stamp_at(path) == first);
    fs::rename(path, folder.path() / "moved");
    CHECK(stamp_at(folder.path() / "moved").which == first.which);
    make_folder(path);
    CHECK(stamp_at(path).which != first.which);
    fs::remove(folder.path() / "moved");
    make_folder(folder.path() / "moved");  // may have the inode number of the removed folder
    CHECK(stamp_at(folder.path() / "moved") != first);
    CHECK_THROWS_AS(stamp_at(folder.path() / "none"), fs::filesystem_error);
}

TEST_CASE("blob files: blobs are read back as written, and one truncated by a crash is left out")
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
