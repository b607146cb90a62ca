#include "program/echo_handler.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace quivive::program {

boost::asio::awaitable<void> echo_handler::run(session session)
{
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    for (;;) {
        // A view into the library's buffer, not a copy: an idle session holds no buffer.
        const auto [end, message] = co_await session.async_receive(token);
        if (end) co_return;

        const auto [error, sent] = co_await session.async_send(message, token);
        if (error == errc::message_size) {
            ++too_large_;
        } else if (error) {
            co_return;
        }
    }
}

}  // namespace quivive::program
