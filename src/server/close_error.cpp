#include "server/close_error.hpp"

#include "tls/certificate_fault.hpp"

#include <boost/asio/error.hpp>

#include <string_view>

namespace quivive::runtime {

namespace {

/// Quotes text from a peer. Characters that are not printable ASCII are written in hex.
std::string in_quotes(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted{'"'};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\')
            quoted.append({'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]});
        else
            quoted += c;
    }
    return quoted + '"';
}

error_code of_handshake(const error_code& cause) noexcept
{
    if (!cause) return errc::handshake_failed;
    return cause.category() == tls::certificate_category() ? make_error_code(errc::certificate_rejected)
                                                           : cause;
}

}  // namespace

error_code error_of(const sessions::association& ended) noexcept
{
    using sessions::close_reason;
    switch (ended.close_reason()) {
        case close_reason::none:
            break;
        case close_reason::peer_closed:
            return boost::asio::error::eof;
        case close_reason::closed_here:
            return boost::asio::error::operation_aborted;
        case close_reason::replaced:
            return errc::replaced;
        case close_reason::idle_timeout:
            return errc::idle_timeout;
        case close_reason::handshake_timeout:
            return errc::handshake_timeout;
        case close_reason::handshake_failed:
            return of_handshake(ended.handshake_error());
        case close_reason::displaced:
            return errc::displaced;
        case close_reason::challenged:
            return errc::challenged;
        case close_reason::refused:
            return boost::asio::error::operation_aborted;
        case close_reason::peer_alert:
            return errc::peer_alert;
        case close_reason::server_stopped:
            return errc::server_stopped;
        case close_reason::exported:
            return errc::exported;
        case close_reason::export_failed:
            return errc::export_failed;
        case close_reason::sequence_exhausted:
            return errc::sequence_exhausted;
    }
    return {};
}

std::string explain(sessions::association& ended)
{
    const auto error = error_of(ended);
    const bool has_cause =
        ended.close_reason() == sessions::close_reason::handshake_failed && ended.handshake_error();
    auto text = (has_cause ? ended.handshake_error() : error).message();
    const auto claims = error == errc::wrong_key ? ended.take_facts() : std::nullopt;
    if (claims && !claims->psk_identity.empty())
        text += (claims->unknown_identity ? "; unknown identity " : "; wrong key of the identity ") +
                in_quotes(claims->psk_identity);
    return text;
}

}  // namespace quivive::runtime
