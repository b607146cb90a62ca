#pragma once

#include "quivive/keying.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace quivive {

/// Facts of a session. Set when the handshake is finished, and constant afterwards, also when the peer moves
/// (`session::peer`).
struct session_info {
    boost::asio::ip::udp::endpoint local;  ///< the address that the peer sent to
    boost::asio::ip::udp::endpoint peer;   ///< the peer's address at the handshake

    std::string protocol;      ///< "DTLS1.2"
    std::string cipher_suite;  ///< as GnuTLS names it, e.g.
                               ///< "(DTLS1.2)-(ECDHE-X25519)-(ECDSA-SHA256)-(AES-128-GCM)"
    std::string server_name;   ///< the SNI, or empty
    std::string alpn;          ///< the protocol agreed on, or empty
    std::string psk_identity;  ///< identity of the PSK, or empty
    std::string peer_pin;      ///< `"sha256:<base64>"` of the peer certificate's public key, or empty
    std::string peer_subject;  ///< the peer certificate's subject (RFC 4514), or empty

    bool cookie_proven = false;  ///< the peer returned a cookie before the session was created
    bool resumed = false;        ///< the handshake was abbreviated
    bool connection_id = false;  ///< the peer sends an id of the server (RFC 9146), and may move

    /// Keys requested by `server_config::keying`. Null when none were requested.
    std::shared_ptr<const keying_material> keying;

    bool imported = false;               ///< the session began in another process (`server::import_session`)
    std::vector<std::byte> application;  ///< data that was exported with the session
};

}  // namespace quivive
