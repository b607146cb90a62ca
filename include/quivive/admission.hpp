#pragma once

#include "quivive/load.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace quivive {

/// A ClientHello that the policy would admit, before anything was made of it. All views end with the call.
/// Nothing in it is proven but, when `cookie_proven`, the address.
struct client_hello {
    boost::asio::ip::udp::endpoint local;
    boost::asio::ip::udp::endpoint peer;

    std::string_view server_name;           ///< SNI host name (RFC 6066), or empty
    std::span<const std::byte> alpn;        ///< the names, each after its length (RFC 7301 3.1), or empty
    std::span<const std::byte> session_id;  ///< of a session offered for resumption, or empty
    bool ticket_offered = false;            ///< a non-empty session ticket (RFC 5077)
    bool cookie_proven = false;
    quivive::load load;  ///< of the thread that asks

    /// Whether the client offers `protocol` by ALPN.
    [[nodiscard]] bool offers(std::string_view protocol) const noexcept;
};

/// What `session_handler::admit` says to a ClientHello.
enum class admission : unsigned char {
    by_policy,  ///< go on as the policy has it: at this point, admit
    admit,      ///< the same, said aloud
    challenge,  ///< ask for a cookie first, if this one has not been proven; else admit
    drop,       ///< no answer (`refused_by_policy`)
};

}  // namespace quivive
