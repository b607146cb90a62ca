#include "tls/text_file.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

using namespace quivive;
using namespace quivive::tls;
namespace fs = std::filesystem;

namespace {

constexpr std::array every_file{file_use::certificates, file_use::private_key, file_use::psk,
                                file_use::secret};

/// Returns the first problem of the file, or its content.
std::string content_of(const std::string& path, file_use use)
{
    problem_list problems;
    const auto content = read_file(path, use, problems);
    CHECK(content.has_value() == problems.empty());
    return content ? std::string{content->text()} : problems.front();
}

std::string folder_fault(const std::string& path)
{
    problem_list problems;
    check_state_folder(path, problems);
    CHECK(problems.size() <= 1);
    return problems.empty() ? "" : problems.front();
}

}  // namespace

TEST_CASE("Files: the content of a file is returned whole")
{
    const test::temp_directory directory;
    const std::string large(300'000, 'x');
    for (const auto use : every_file) CHECK(content_of(directory.write("small", "a\nb\n"), use) == "a\nb\n");
    CHECK(content_of(directory.write("large", large), file_use::psk) == large);
    CHECK(content_of(directory.write("bytes", std::string_view{"\0\xff\n", 3}), file_use::certificates) ==
          std::string_view{"\0\xff\n", 3});
}

TEST_CASE("Files: a missing, empty or non-regular file is refused without blocking")
{
    const test::temp_directory directory;
    const auto none = directory.file("none"), pipe = directory.file("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    for (const auto use : every_file) {
        CHECK(content_of(none, use) == none + ": cannot be read: No such file or directory");
        CHECK(content_of(directory.write("empty", ""), use) == directory.file("empty") + ": is empty");
        CHECK(content_of(pipe, use) == pipe + ": is not a regular file; give the path of one");
        CHECK(content_of(directory.path().string(), use) ==
              directory.path().string() + ": is not a regular file; give the path of one");
        CHECK(content_of("/dev/null", use) == "/dev/null: is not a regular file; give the path of one");
    }
}

TEST_CASE("Files: a file that the system cannot read is refused with its reason")
{
    problem_list problems;
    CHECK_FALSE(read_file("/proc/self/mem", file_use::certificates, problems));
    REQUIRE(problems.size() == 1);
    CHECK(problems.front() == "/proc/self/mem: cannot be read: Input/output error");
}

TEST_CASE("Files: the target of a symbolic link is checked")
{
    const test::temp_directory directory;
    const auto link = directory.file("link");
    fs::create_symlink(directory.write("target", "content"), link);
    CHECK(content_of(link, file_use::secret) == "content");
    fs::permissions(directory.file("target"), fs::perms{0644});
    CHECK(test::has(content_of(link, file_use::secret), "has mode 0644"));
}

TEST_CASE("Files: certificates may be world-readable, but keys and PSKs may not")
{
    const test::temp_directory directory;
    const auto file = directory.write("file", "content");
    fs::permissions(file, fs::perms{0644});
    CHECK(content_of(file, file_use::certificates) == "content");
    for (const auto use : {file_use::private_key, file_use::psk, file_use::secret})
        CHECK(test::has(content_of(file, use), "use chmod 600 " + file));
}

TEST_CASE("Files: a file of another user is refused, and a file of root is accepted")
{
    const test::temp_directory directory;
    const auto file = directory.write("file", "content");
    if (chown(file.c_str(), 12'345, static_cast<gid_t>(-1)) != 0) {
        WARN("SKIPPED: only root can give a file away");
        return;
    }
    fs::permissions(file, fs::perms{0600});
    CHECK(content_of(file, file_use::certificates) == "content");
    for (const auto use : {file_use::private_key, file_use::psk, file_use::secret})
        CHECK(test::has(content_of(file, use), "belongs to user 12345"));
    REQUIRE(chown(file.c_str(), 0, 12'345) == 0);
    fs::permissions(file, fs::perms{0440});
    for (const auto use : every_file) CHECK(content_of(file, use) == "content");
}

TEST_CASE("Files: a secret has at most 64 KiB, and other files may be larger")
{
    const test::temp_directory directory;
    const std::string most(65'536, 'x');
    CHECK(content_of(directory.write("most", most), file_use::secret) == most);
    CHECK(test::has(content_of(directory.write("more", most + "x"), file_use::secret), "64 KiB"));
    CHECK(content_of(directory.file("more"), file_use::psk) == most + "x");
    const auto huge = directory.write("huge", "x");
    fs::resize_file(huge, 1'073'741'825);  // sparse, so it needs no space
    CHECK(test::has(content_of(huge, file_use::certificates), "larger than 1 GiB"));
}

TEST_CASE("Files: a state folder is checked if it exists")
{
    const test::temp_directory directory;
    const auto folder = directory.file("state");
    CHECK(folder_fault(folder).empty());
    fs::create_directory(folder);
    for (const auto mode : {0700, 0755}) {
        fs::permissions(folder, static_cast<fs::perms>(mode));
        CHECK(folder_fault(folder).empty());
    }
    for (const auto mode : {0770, 0707, 01777}) {
        fs::permissions(folder, static_cast<fs::perms>(mode));
        CHECK(test::has(folder_fault(folder), "use chmod 700 " + folder));
    }
    const auto file = directory.write("file", "content");
    CHECK(folder_fault(file) == file + ": is not a folder");
    CHECK(test::has(folder_fault(file + "/below"), "cannot be read"));
    const auto link = directory.file("link");
    fs::create_directory_symlink(folder, link);
    CHECK(test::has(folder_fault(link), "use chmod 700 " + link));
    fs::permissions(folder, fs::perms{0700});
    if (chown(folder.c_str(), 12'345, static_cast<gid_t>(-1)) != 0) return;
    CHECK(test::has(folder_fault(folder), "belongs to user 12345"));
}
