#pragma once

#include "quivive/load.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace quivive {

/// A ClientHello that the policy would admit, before any state is allocated for it. All views end with the
/// call. Nothing in it is authenticated. The address is validated if `cookie_proven` is true.
struct client_hello {
    boost::asio::ip::udp::endpoint local;  ///< address that the ClientHello was sent to
    boost::asio::ip::udp::endpoint peer;   ///< source address of the ClientHello

    std::string_view server_name;  ///< SNI host name (RFC 6066), or empty
    std::span<const std::byte>
        alpn;  ///< protocol names, each preceded by its length (RFC 7301 3.1), or empty
    std::span<const std::byte> session_id;  ///< id of a session offered for resumption, or empty
    bool ticket_offered = false;            ///< a non-empty session ticket (RFC 5077) is offered
    bool cookie_proven = false;             ///< a valid cookie is present
    quivive::load load;                     ///< load of the calling thread

    /// Returns true if the client offers `protocol` by ALPN.
    [[nodiscard]] bool offers(std::string_view protocol) const noexcept;
};

/// Decision of `session_handler::admit` on a ClientHello.
enum class admission : unsigned char {
    by_policy,  ///< follows the policy, which admits the ClientHello at this point
    admit,      ///< admits explicitly, with the same effect as `by_policy`
    challenge,  ///< requests a cookie, unless the ClientHello has a valid one and is then admitted
    drop,       ///< sends no answer (`refused_by_policy`)
};

}  // namespace quivive
