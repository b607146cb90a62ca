#pragma once

#include "support/certificates.hpp"
#include "support/plain_session.hpp"
#include "tls/context.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace quivive::test {

inline constexpr auto psk_suites = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK";
inline constexpr auto ecdhe_psk_suites = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-PSK";

inline server_credentials with_certificate(key_type type = key_type::p256)
{
    certificate_spec spec;
    spec.key = type;
    server_credentials credentials;
    credentials.certificate = make_certificate(spec).in_memory();
    return credentials;
}

inline server_credentials with_psk(std::string_view known, std::string_view hex)
{
    server_credentials credentials;
    credentials.psk = [known = std::string{known}, hex = std::string{hex}](std::string_view identity) {
        return identity == known ? secret::from_hex(hex) : std::nullopt;
    };
    return credentials;
}

/// A quivive server that has performed a handshake with a client.
struct meeting {
    meeting(const server_credentials& credentials, plain_session& client,
            const tls::context_options& options = {})
        : meeting{tls::make_server_context(credentials, options), client}
    {
    }
    meeting(std::shared_ptr<const tls::context> made, plain_session& client)
        : shared{std::move(made)}, server{GNUTLS_SERVER, *shared}
    {
        shake_hands(client, server);
    }

    std::shared_ptr<const tls::context> shared;
    plain_session server;
};

/// Returns whether the datagram is one unencrypted alert record.
inline bool is_alert(const plain_session::datagram& datagram) { return datagram.at(0) == 21; }

}  // namespace quivive::test
