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
    /// Loads all secrets, each as text.
    std::vector<std::string> all(std::string_view content)
    {
        problems.clear();
        std::vector<std::string> texts;
        warnings.clear();
        for (const auto& one : tls::load_secrets(write(content), problems, warnings))
            texts.emplace_back(wire::as_text(one.bytes()));
        CHECK(texts.empty() == !problems.empty());
        return texts;
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
    std::vector<std::string> warnings;
};

constexpr auto good = "0123456789abcdef";

}  // namespace

TEST_CASE("A secret file: its bytes without trailing newlines are the secret")
{
    fixture f;
    const auto plain = f.load(f.write(good)).value().bytes();
    CHECK(plain.size() == 16);
    CHECK(f.load(f.write(std::string{good}.append("\n"))).value().bytes() == plain);
    CHECK(f.load(f.write(std::string{good}.append("\r\n\n"))).value().bytes() == plain);
    CHECK(f.load(f.write("\n" + std::string{good})).value().bytes() != plain);
    CHECK(f.problems.empty());
}

TEST_CASE("A secret file that others may read, write or execute is refused with its mode and the remedy")
{
    fixture f;
    for (const auto mode : {0640, 0604, 0660, 0644, 0666, 0700, 0601, 0620, 04600})
        f.refuses(f.write(good, static_cast<fs::perms>(mode)), "chmod 600");
    f.refuses(f.write(good, fs::perms{0644}), "0644");
    CHECK(f.load(f.write(good, fs::perms{0400})).has_value());
}

TEST_CASE("A secret file that is missing, too short, too large or not regular is refused without blocking")
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

TEST_CASE("A secret file may be a symbolic link, and the mode of its target counts")
{
    fixture f;
    const auto link = f.directory.file("link");
    fs::create_symlink(f.write(good), link);
    CHECK(f.load(link).has_value());
    (void)f.write(good, fs::perms{0644});
    f.refuses(link, "0644");
}

namespace {

using texts = std::vector<std::string>;

const std::string first = "the first secret", second = "the second secret", third = "a third secret \\ ~";

}  // namespace

TEST_CASE("A text file with several secrets has one per non-empty line, in order")
{
    fixture f;
    const texts both{first, second}, three{second, third, first};
    CHECK(f.all(first + "\n" + second) == both);
    CHECK(f.all(first + "\n" + second + "\n") == both);
    CHECK(f.all("\n\n" + first + "\n\n" + second + "\n\n\n") == both);
    CHECK(f.all(second + "\n" + third + "\n" + first + "\n") == three);
    CHECK(f.all(first + " \n" + second + "\n") ==
          texts{first + " ", second});  // a space belongs to the secret
}

TEST_CASE("A secret file may have CRLF line ends")
{
    fixture f;
    CHECK(f.all(first + "\r\n" + second + "\r\n") == texts{first, second});
    CHECK(f.all("\r\n" + first + "\r\n\r\n" + second) == texts{first, second});
    CHECK(f.all(first + "\r\n" + second + "\r\n" + third + "\n") == texts{first, second, third});
}

TEST_CASE("A secret file with one line has the same secret as in versions with one secret per file")
{
    fixture f;
    for (const auto& content :
         {first, first + "\n", first + "\r\n", first + "\n\n\n", "\n" + first + "\n", first + "\r"}) {
        const auto path = f.write(content);
        const auto before = f.load(path).value();
        CHECK(f.all(content) == texts{std::string{wire::as_text(before.bytes())}});
    }
    CHECK(f.all(first) == texts{first});
    CHECK(f.all(first + "\n") == texts{first});
}

TEST_CASE(
    "A secret file with a byte that is not printable ASCII is one secret, whatever line ends it contains")
{
    fixture f;
    for (const char byte : {'\0', '\x01', '\t', '\x1f', '\x7f', '\x80', '\xff'}) {
        for (const auto& content :
             {first + byte + "\n" + second, first + "\n" + byte + second, first + "\n" + second + byte}) {
            CHECK(f.all(content) == texts{content});
            CHECK(f.all(content + "\n") == texts{content});
        }
    }
    const auto with_return = first + "\rmore\n" + second;  // not a line end
    CHECK(f.all(with_return) == texts{with_return});
}

TEST_CASE(
    "A secret file holds at most four different secrets of 16 bytes or more, and an error names its line")
{
    fixture f;
    const auto refused = [&](const std::string& content) {
        const auto path = f.write(content);
        CHECK(f.all(content).empty());
        auto problems = f.problems;
        for (auto& each : problems) {
            REQUIRE(each.starts_with(path + ":"));
            each.erase(0, path.size());
        }
        return problems;
    };
    const std::string fourth = "the fourth secret", fifth = "one secret too many";
    const auto four = first + "\n" + second + "\n\n" + third + "\n" + fourth + "\n";
    CHECK(f.all(four).size() == 4);
    CHECK(refused(four + fifth + "\nmore\n") ==
          texts{":6: is one secret too many; a file holds 4 at most, one a line"});
    const std::string hint = " bytes; a secret needs 16 at least, better 32 random ones";
    CHECK(refused(first + "\n\n0123456789abcde\n") == texts{":3: has 15" + hint});
    CHECK(refused("short\r\n" + first + "\r\n   \r\n") == texts{":1: has 5" + hint, ":3: has 3" + hint});
    CHECK(f.all("0123456789abcdef\n0123456789abcdeF\n").size() == 2);
    CHECK(refused(first + "\n" + second + "\n" + first + "\n") ==
          texts{":3: repeats the secret of line 1; remove one of them"});
    CHECK(refused("0123456789abcde").front().starts_with(": has 15"));
}

TEST_CASE("A text file of several lines that is read as one secret causes a warning that names the byte")
{
    fixture f;
    const auto warned = [&](const std::string& content) {
        CHECK(f.all(content).size() == 1);
        REQUIRE(f.warnings.size() == 1);
        return f.warnings.front();
    };
    const auto place = f.directory.file("secret") + ":";
    const std::string rest =
        " is not printable ASCII, so the whole file is one secret; without such bytes each line is one";
    CHECK(warned(first + "\nthe second\tsecret\n") == place + "2: byte 0x09" + rest);
    CHECK(warned("\xef\xbb\xbf" + first + "\n" + second) == place + "1: byte 0xef" + rest);
    CHECK(warned(first + "\r\n\r\nl\xc3\xb6sung" + second + "\r\n") == place + "3: byte 0xc3" + rest);
    CHECK(warned(first + "\n" + second + "\xe2\x82\xac\n\t\n") == place + "2: byte 0xe2" + rest);
    CHECK(warned(first + "\n\xf0\x9f\x98\x80" + second) == place + "2: byte 0xf0" + rest);
}

TEST_CASE("A secret file with one line, several secrets or random bytes causes no warning")
{
    fixture f;
    for (const auto& content :
         {first, first + "\tmore\n\n", first + "\n" + second + "\n", first + "\n\xff" + second,
          first + "\n\xc3" + second, first + "\n" + second + "\xe2\x82", first + "\n\x80" + second}) {
        CHECK(!f.all(content).empty());
        CHECK(f.warnings.empty());
    }
}
