#include "program/line_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace quivive::program {

namespace asio = boost::asio;
using boost::system::error_code;

line_reader::line_reader(const asio::any_io_executor& executor, int descriptor) : input_{executor}
{
    error_code unreadable;
    input_.assign(descriptor, unreadable);
    stopped_ = unreadable.failed();
}

line_reader::~line_reader()
{
    error_code ignored;
    if (input_.is_open()) input_.native_non_blocking(false, ignored);
}

asio::awaitable<std::optional<std::string>> line_reader::next()
{
    auto [error, size] = co_await read_line();
    if (stopped_) co_return std::nullopt;
    if (!error) {
        auto line = take(size);
        line.pop_back();
        co_return line;
    }
    if (error == asio::error::not_found) {
        auto line = take(longest_line);
        co_await skip_line();
        co_return line;
    }
    stopped_ = true;  // the last line may lack a line break
    if (read_.empty()) co_return std::nullopt;
    co_return std::exchange(read_, {});
}

void line_reader::stop()
{
    stopped_ = true;
    error_code ignored;
    input_.cancel(ignored);
}

asio::awaitable<std::tuple<error_code, std::size_t>> line_reader::read_line()
{
    if (stopped_) co_return std::tuple{error_code{asio::error::operation_aborted}, std::size_t{0}};
    co_return co_await asio::async_read_until(input_, asio::dynamic_buffer(read_, longest_line), '\n',
                                              asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> line_reader::skip_line()
{
    for (;;) {
        const auto [error, size] = co_await read_line();
        if (error != asio::error::not_found) {
            if (!error) (void)take(size);
            co_return;
        }
        read_.clear();
    }
}

std::string line_reader::take(std::size_t size)
{
    auto line = read_.substr(0, size);
    read_.erase(0, size);
    return line;
}

}  // namespace quivive::program
