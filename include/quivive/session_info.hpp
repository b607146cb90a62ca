#pragma once

#include "quivive/keying.hpp"

#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace quivive {

/// What is known of a session. Filled when the handshake is finished; never changes after, also when the peer
/// moves (`session::peer`).
struct session_info {
    boost::asio::ip::udp::endpoint local;  ///< the address the peer wrote to
    boost::asio::ip::udp::endpoint peer;

    std::string protocol;      ///< "DTLS1.2"
    std::string cipher_suite;  ///< as GnuTLS names it, e.g.
                               ///< "(DTLS1.2)-(ECDHE-X25519)-(ECDSA-SHA256)-(AES-128-GCM)"
    std::string server_name;   ///< the SNI, or empty
    std::string alpn;          ///< the protocol agreed on, or empty
    std::string psk_identity;  ///< or empty
    std::string peer_pin;      ///< "sha256:<base64>" of the peer certificate's public key, or empty
    std::string peer_subject;  ///< the peer certificate's subject (RFC 4514), or empty

    bool cookie_proven = false;  ///< the peer gave back a cookie before the session was made
    bool resumed = false;        ///< an abbreviated handshake
    bool connection_id = false;  ///< the peer has an id of ours (RFC 9146), and may move

    /// What `server_config::keying` asked for; null when it asked for nothing.
    std::shared_ptr<const keying_material> keying;

    bool imported = false;               ///< begun by another process (`server::import_session`)
    std::vector<std::byte> application;  ///< what was given along when it was exported there
};

}  // namespace quivive
