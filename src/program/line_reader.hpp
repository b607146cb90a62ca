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

/// Reads a file, a pipe or a terminal line by line, without a thread: Asio reads at once what epoll refuses,
/// as it does files. Of a line longer than `longest_line`, more than any datagram holds, the first part
/// stands for it.
class line_reader {
public:
    static constexpr std::size_t longest_line = 65'536;

    /// Takes the descriptor over. One that cannot be read is an empty file.
    line_reader(const boost::asio::any_io_executor& executor, int descriptor);

    /// Asio made the descriptor non-blocking, which a terminal shares with the shell; this undoes it.
    ~line_reader();

    line_reader(const line_reader&) = delete;
    line_reader& operator=(const line_reader&) = delete;

    /// The next line, without its end; empty at the end of input and after `stop`.
    boost::asio::awaitable<std::optional<std::string>> next();

    /// There will be no further line, also for a `next` that waits.
    void stop();

private:
    boost::asio::awaitable<std::tuple<boost::system::error_code, std::size_t>> read_line();
    boost::asio::awaitable<void> skip_line();
    std::string take(std::size_t size);

    boost::asio::posix::stream_descriptor input_;
    std::string read_;  // and not yet taken
    bool stopped_ = false;
};

}  // namespace quivive::program
