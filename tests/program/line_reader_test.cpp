#include "program/line_reader.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
using quivive::program::line_reader;

namespace {

asio::awaitable<std::vector<std::string>> all_lines(line_reader& reader)
{
    std::vector<std::string> lines;
    while (auto line = co_await reader.next()) lines.push_back(*std::move(line));
    co_return lines;
}

std::vector<std::string> read_all(int descriptor)
{
    asio::io_context io;
    line_reader reader{io.get_executor(), descriptor};
    auto lines = asio::co_spawn(io, all_lines(reader), asio::use_future);
    io.run();
    return lines.get();
}

int file_with(const std::string& content)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
    REQUIRE(file);
    REQUIRE(std::fwrite(content.data(), 1, content.size(), file.get()) == content.size());
    std::rewind(file.get());
    return ::dup(::fileno(file.get()));
}

}  // namespace

using strings = std::vector<std::string>;

TEST_CASE("the reader reads a regular file, which epoll refuses, and the last line needs no newline")
{
    CHECK(read_all(file_with("one\n\ntwo\nthree")) == strings{"one", "", "two", "three"});
    CHECK(read_all(file_with("one\n")) == strings{"one"});
    CHECK(read_all(file_with("")).empty());
}

TEST_CASE("the reader returns no lines for /dev/null and for unreadable files")
{
    CHECK(read_all(::open("/dev/null", O_RDONLY | O_CLOEXEC)).empty());
    CHECK(read_all(-1).empty());
    CHECK(read_all(::open("/", O_RDONLY | O_CLOEXEC)).empty());
}

TEST_CASE("a line too long for a datagram is truncated, and the next line is whole")
{
    const auto longest = line_reader::longest_line;
    const auto lines = read_all(file_with("a\n" + std::string(3 * longest, 'x') + "\nb\n"));
    CHECK(lines == strings{"a", std::string(longest, 'x'), "b"});

    CHECK(read_all(file_with(std::string(longest - 1, 'x') + "\nb")) ==
          strings{std::string(longest - 1, 'x'), "b"});
    CHECK(read_all(file_with(std::string(2 * longest, 'x'))) == strings{std::string(longest, 'x')});
}

TEST_CASE("lines of a pipe arrive as they are written, and a stop ends the wait for more")
{
    asio::io_context io;
    asio::readable_pipe out{io};
    asio::writable_pipe in{io};
    asio::connect_pipe(out, in);
    line_reader reader{io.get_executor(), ::dup(out.native_handle())};

    strings lines;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            while (auto line = co_await reader.next()) lines.push_back(*std::move(line));
        },
        asio::detached);
    asio::write(in, asio::buffer("one\ntw", 6));
    io.poll();
    CHECK(lines == strings{"one"});

    asio::write(in, asio::buffer("o\n", 2));
    io.poll();
    CHECK(lines == strings{"one", "two"});

    reader.stop();
    io.poll();
    CHECK(io.stopped());  // no operation is pending
    CHECK(lines.size() == 2);
}
