#include "server/ending_error.hpp"

#include <boost/asio/error.hpp>

namespace quivive::detail {

error_code error_of(const sessions::association& ended) noexcept
{
    using sessions::ending;
    switch (ended.why()) {
        case ending::none:
            break;
        case ending::peer_closed:
            return boost::asio::error::eof;
        case ending::closed_here:
            return boost::asio::error::operation_aborted;
        case ending::replaced:
            return errc::replaced;
        case ending::idle_timeout:
            return errc::idle_timeout;
        case ending::handshake_timeout:
            return errc::handshake_timeout;
        case ending::handshake_failed:
            return ended.handshake_error() ? ended.handshake_error()
                                           : make_error_code(errc::handshake_failed);
        case ending::displaced:
            return errc::displaced;
        case ending::challenged:
            return errc::challenged;
        case ending::refused:
            return boost::asio::error::operation_aborted;
        case ending::peer_alert:
            return errc::peer_alert;
        case ending::server_stopped:
            return errc::server_stopped;
        case ending::exported:
            return errc::exported;
        case ending::sequence_exhausted:
            return errc::sequence_exhausted;
    }
    return {};
}

}  // namespace quivive::detail
