#include "program/conversation.hpp"

#include "program/complain.hpp"
#include "program/exit_code.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>

namespace quivive::program {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds longest_quiet{2};
constexpr int standard_input = 0;
constexpr int standard_output = 1;
constexpr auto token = asio::as_tuple(asio::use_awaitable);

}  // namespace

conversation::conversation(const asio::any_io_executor& executor, session session)
    : session_{std::move(session)},
      input_{executor, standard_input},
      output_{executor},
      signals_{executor, SIGINT, SIGTERM},
      quiet_{executor}
{
    error_code closed;  // ignored here: print() reports it
    output_.assign(standard_output, closed);
}

asio::awaitable<int> conversation::keep_open()
{
    using namespace asio::experimental::awaitable_operators;
    signals_.async_wait([this](error_code error, int) {
        if (!error) close();
    });
    co_await (talk() && print_answers());
    co_return failed_ ? exit_code::failure : exit_code::success;
}

asio::awaitable<void> conversation::talk()
{
    co_await send_lines();
    co_await wait_for_answers();
    close();
    co_await session_.async_close(token);
    signals_.cancel();
}

asio::awaitable<void> conversation::send_lines()
{
    for (std::size_t number = 1; auto line = co_await input_.next(); ++number) {
        const auto [error, size] = co_await session_.async_send(asio::buffer(*line), token);
        if (error == errc::message_size) {
            fail("line " + std::to_string(number) + " is longer than the " +
                 std::to_string(session_.max_message_size()) +
                 " bytes that the session takes; it was not sent");
        } else if (error) {
            co_return;  // print_answers() gets and reports the same error
        } else {
            ++sent_;
        }
    }
    input_ended_ = !finished_;
}

asio::awaitable<void> conversation::wait_for_answers()
{
    while (!finished_ && answers_ < sent_) {
        quiet_.expires_after(longest_quiet);
        const auto [interrupted] = co_await quiet_.async_wait(token);
        if (!interrupted) co_return;
    }
}

asio::awaitable<void> conversation::print_answers()
{
    for (;;) {
        const auto [end, message] = co_await session_.async_receive(token);
        if (end) {
            const bool expected = finished_ || (input_ended_ && end == asio::error::eof);
            if (end == asio::error::eof && !expected) fail("the server ended the session");
            if (end != asio::error::eof && !expected) fail("the session ended: " + end.message());
            break;
        }
        ++answers_;
        if (!print(message)) break;
        quiet_.cancel();
    }
    close();
}

bool conversation::print(asio::const_buffer message)
{
    error_code error;
    asio::write(output_, std::array<asio::const_buffer, 2>{message, asio::buffer("\n", 1)}, error);
    if (error && !finished_) fail("cannot write to stdout: " + error.message());
    return !error;
}

void conversation::close()
{
    finished_ = true;
    input_.stop();
    quiet_.cancel();
}

void conversation::fail(std::string_view what)
{
    failed_ = true;
    complain(what);
}

}  // namespace quivive::program
