#pragma once

#include "support/plain_session.hpp"
#include "support/raw_udp.hpp"

#include <cstddef>
#include <span>

namespace quivive::test {

/// Performs the handshake of a GnuTLS client over a socket. Returns false when it fails or no datagram
/// arrives.
inline bool shake_hands(plain_client& client, const boost::asio::ip::udp::endpoint& server)
{
    raw_udp socket;
    auto& session = client.session;
    for (std::size_t gone = 0; !session.done();) {
        session.step();
        for (; gone < session.sent.size(); ++gone)
            socket.send(server, std::as_bytes(std::span{session.sent[gone]}));
        if (session.done()) break;
        if (gnutls_error_is_fatal(session.code())) return false;
        const auto datagram = socket.receive();
        if (!datagram) return false;
        const auto* begin = reinterpret_cast<const unsigned char*>(datagram->data());
        session.incoming.emplace_back(begin, begin + datagram->size());
    }
    return true;
}

}  // namespace quivive::test
