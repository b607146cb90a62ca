#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>

namespace quivive::program {

/// Reads a file, pipe or terminal line by line, without a thread. Asio reads descriptors that epoll does not
/// support, such as files, immediately. A line longer than `longest_line`, which exceeds any datagram, is
/// truncated.
class line_reader {
public:
    static constexpr std::size_t longest_line = 65'536;

    /// Takes ownership of the descriptor. An unreadable descriptor counts as an empty file.
    line_reader(const boost::asio::any_io_executor& executor, int descriptor);

    /// Makes the descriptor blocking again: Asio made it non-blocking, which also affects a shell on the same
    /// terminal.
    ~line_reader();

    line_reader(const line_reader&) = delete;
    line_reader& operator=(const line_reader&) = delete;

    /// Returns the next line without its line break; empty at the end of input and after `stop`.
    boost::asio::awaitable<std::optional<std::string>> next();

    /// Ends the input, also for a `next` that is waiting.
    void stop();

private:
    boost::asio::awaitable<std::tuple<boost::system::error_code, std::size_t>> read_line();
    boost::asio::awaitable<void> skip_line();
    std::string take(std::size_t size);

    boost::asio::posix::stream_descriptor input_;
    std::string read_;  // bytes read but not returned yet
    bool stopped_ = false;
};

}  // namespace quivive::program
