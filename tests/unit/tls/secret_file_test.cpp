#include "tls/secret_file.hpp"

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

#include <filesystem>

#include <sys/stat.h>

using namespace quivive;

namespace {

namespace fs = std::filesystem;

struct fixture {
    std::optional<secret> load(const std::string& path)
    {
        problems.clear();
        return tls::load_secret(path, problems);
    }
    std::string write(std::string_view content, fs::perms mode = fs::perms{0600})
    {
        const auto path = directory.write("secret", content);
        fs::permissions(path, mode);
        return path;
    }
    void refuses(const std::string& path, std::string_view because)
    {
        CHECK(!load(path));
        REQUIRE(problems.size() == 1);
        INFO(problems.front());
        CHECK(problems.front().rfind(path + ": ", 0) == 0);
        CHECK(problems.front().find(because) != std::string::npos);
    }

    test::temp_directory directory;
    tls::problem_list problems;
};

constexpr auto good = "0123456789abcdef";

}  // namespace

TEST_CASE("A secret file: its bytes are the secret, the ends of lines at its end are not")
{
    fixture f;
    const auto plain = f.load(f.write(good)).value().bytes();
    CHECK(plain.size() == 16);
    CHECK(f.load(f.write(std::string{good}.append("\n"))).value().bytes() == plain);
    CHECK(f.load(f.write(std::string{good}.append("\r\n\n"))).value().bytes() == plain);
    CHECK(f.load(f.write("\n" + std::string{good})).value().bytes() != plain);
    CHECK(f.problems.empty());
}

TEST_CASE("A secret file that anyone else may read, write or run is refused, with its mode and what to do")
{
    fixture f;
    for (const auto mode : {0640, 0604, 0660, 0644, 0666, 0700, 0601, 0620, 04600})
        f.refuses(f.write(good, static_cast<fs::perms>(mode)), "chmod 600");
    f.refuses(f.write(good, fs::perms{0644}), "0644");
    CHECK(f.load(f.write(good, fs::perms{0400})).has_value());
}

TEST_CASE(
    "A secret file that is missing, too short, too large or not a file is refused, and none is waited for")
{
    fixture f;
    f.refuses(f.directory.file("nowhere"), "cannot be read");
    f.refuses(f.write("0123456789abcde"), "15 bytes");
    f.refuses(f.write("0123456789abcde\n\n\n"), "15 bytes");
    f.refuses(f.write(""), "is empty");
    f.refuses(f.write(std::string(65'537, 'x')), "64 KiB");
    f.refuses(f.directory.path().string(), "regular file");
    const auto pipe = f.directory.file("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    f.refuses(pipe, "regular file");
}

TEST_CASE("A secret file may be a symbolic link, whose target's mode counts")
{
    fixture f;
    const auto link = f.directory.file("link");
    fs::create_symlink(f.write(good), link);
    CHECK(f.load(link).has_value());
    (void)f.write(good, fs::perms{0644});
    f.refuses(link, "0644");
}
