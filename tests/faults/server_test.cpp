// A server on the loopback whose system calls fail while clients talk to it.

#include "faults/injection.hpp"
#include "support/catch.hpp"
#include "support/echo_server.hpp"
#include "support/process_counts.hpp"
#include "support/stepwise_client.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

using namespace quivive;
using namespace quivive::test;
using namespace std::chrono_literals;

namespace {

constexpr std::array errors_of_calls{ENOBUFS, EMSGSIZE, ECONNREFUSED, EINTR,       EAGAIN,
                                     EPERM,   EMFILE,   ENFILE,       ENETUNREACH, ENOMEM};

/// An echo server on its own thread, whose calls are under test.
class server_under_test {
public:
    server_under_test()
    {
        server_.serve(echo);
        thread_ = std::thread{[this] {
            const under_test all_of_it;
            io_.run();
        }};
    }
    ~server_under_test()
    {
        io_.stop();
        thread_.join();
    }
    server_under_test(const server_under_test&) = delete;
    server_under_test& operator=(const server_under_test&) = delete;

    [[nodiscard]] auto address() { return server_.local_endpoints().front(); }
    [[nodiscard]] metrics counted() { return server_.metrics(); }
    [[nodiscard]] bool comes_to_balance() { return test::comes_to_balance(server_); }

private:
    boost::asio::io_context io_;
    server server_{io_.get_executor(), loopback_config()};
    std::thread thread_;
};

/// The fate of a message: its echo arrives, or its loss is counted, which ends the wait at once.
enum class fate : unsigned char { echoed, counted, neither };

fate send_and_see(stepwise_client& client, server_under_test& server, const std::string& text)
{
    const auto before = server.counted().send_errors;
    client.send(text);
    for (const auto end = std::chrono::steady_clock::now() + 5s; std::chrono::steady_clock::now() < end;) {
        if (client.heard() == text) return fate::echoed;
        if (server.counted().send_errors != before) return fate::counted;
        client.step(10ms);
    }
    return fate::neither;
}

/// Returns whether the error is not due to this datagram, so that it is sent again.
bool passes_over(int error)
{
    constexpr std::array ones{EINTR, EAGAIN, ECONNREFUSED, ENETUNREACH, EMSGSIZE};
    return std::ranges::find(ones, error) != ones.end();
}

}  // namespace

TEST_CASE("faults: sessions continue and losses are counted whichever system call of a server fails")
{
    server_under_test server;
    stepwise_client bystander{server.address()}, victim{server.address()};
    REQUIRE(bystander.connect());
    REQUIRE(victim.connect());
    for (const auto* function : {"recvmmsg", "sendmmsg"})
        for (const int error : errors_of_calls)
            for (const unsigned nth : {1U, 2U, 3U}) {
                INFO(function << ", call " << nth << ": " << std::strerror(error));
                const injection fault{function, nth, error};
                const auto unheard = server.counted().receive_errors;
                bool lost = false;
                for (int n = 0; n < 10 && !fault.reached(); ++n) {
                    const auto what = send_and_see(victim, server, std::to_string(n));
                    CHECK(what != fate::neither);
                    lost = lost || what == fate::counted;
                }
                CHECK(fault.reached());
                CHECK(lost == (function == std::string_view{"sendmmsg"} && !passes_over(error)));
                CHECK((server.counted().receive_errors > unheard) ==
                      (function == std::string_view{"recvmmsg"} && error != EINTR && error != EAGAIN));
                CHECK(bystander.echo("untouched") == "untouched");
                CHECK(victim.echo("and on") == "and on");
            }
    CHECK(server.comes_to_balance());
    CHECK(server.counted().sessions == 2);
    CHECK(server.counted().handler_exceptions == 0);
}

TEST_CASE("faults: a new client connects although a system call of the server fails without a loss")
{
    server_under_test server;
    const auto* function = GENERATE("recvmmsg", "sendmmsg");
    const int error = GENERATE(EINTR, EAGAIN, ECONNREFUSED);
    for (const unsigned nth : {1U, 2U, 3U}) {
        INFO(function << ", call " << nth << ": " << std::strerror(error));
        const injection fault{function, nth, error};
        stepwise_client new_client{server.address()};
        CHECK(new_client.connect());
        CHECK(fault.reached());
        CHECK(new_client.echo("hello") == "hello");
    }
    CHECK(server.comes_to_balance());
    CHECK(server.counted().send_errors == 0);
}

namespace {

/// Makes a server and destroys it. Returns whether it was made. A failure must have this error number.
bool makes_a_server(boost::asio::io_context& io, int error)
{
    bool made = false;
    try {
        const under_test this_one;
        server{io.get_executor(), loopback_config()};
        made = true;
    } catch (const boost::system::system_error& failure) {
        CHECK(failure.code().value() == error);
    }
    io.restart();
    io.poll();
    return made;
}

}  // namespace

TEST_CASE("faults: a server that cannot be made reports the error and leaves nothing open")
{
    const int error = GENERATE(ENOBUFS, EMFILE, ENOMEM);
    boost::asio::io_context io;
    REQUIRE(makes_a_server(io, 0));
    for (const auto* function : {"socket", "bind", "getsockname", "epoll_ctl"}) {
        const auto before = open_files();
        for (unsigned nth = 1;; ++nth) {
            INFO(function << ", call " << nth << ": " << std::strerror(error));
            const injection fault{function, nth, error};
            const bool made = makes_a_server(io, error);
            CHECK(open_files() == before);
            // Asio ignores a failure to remove a socket that is being closed.
            CHECK((made != fault.reached() || function == std::string_view{"epoll_ctl"}));
            if (!fault.reached()) break;
        }
    }
}

TEST_CASE("faults: a server that cannot start its threads reports the error and leaves none running")
{
    auto config = loopback_config();
    config.threads = 3;
    config.handshake_threads = 2;
    const auto begun = [&] {
        try {
            const under_test this_one;
            server{config};
        } catch (const std::system_error& failure) {
            CHECK(failure.code() == std::errc::resource_unavailable_try_again);
            return false;
        }
        return true;
    };
    REQUIRE(begun());
    const auto files_before = open_files();
    const auto threads_before = running_threads();
    for (unsigned nth = 1; nth <= 6; ++nth) {
        INFO("thread " << nth);
        const injection fault{"std::thread", nth, EAGAIN};
        CHECK(begun() == (nth > 5));
        CHECK(fault.reached() == (nth <= 5));
        CHECK(open_files() == files_before);
        CHECK(running_threads() == threads_before);
    }
}
