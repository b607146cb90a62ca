#pragma once

#include "tls/gnutls_context.hpp"
#include "tls/handles.hpp"

#include <deque>
#include <string>
#include <vector>

namespace quivive::test {

/// A GnuTLS session whose datagrams stay in memory. Its timers never fire within a test.
class plain_session {
public:
    /// `role`: GNUTLS_SERVER or GNUTLS_CLIENT, and further flags of gnutls_init.
    explicit plain_session(unsigned role);
    plain_session(unsigned role, const tls::context& context);
    plain_session(const plain_session&) = delete;
    plain_session& operator=(const plain_session&) = delete;

    /// Calls gnutls_handshake once, unless the handshake is over. Returns its code, or the first fatal
    /// error, and sends the alert to the peer.
    int step();

    /// Frees GnuTLS's session; no other member may be called afterwards.
    void end() noexcept { session_.reset(); }

    [[nodiscard]] gnutls_session_t get() const noexcept { return session_.get(); }
    [[nodiscard]] int code() const noexcept { return code_; }
    [[nodiscard]] bool done() const noexcept { return code_ == GNUTLS_E_SUCCESS; }
    [[nodiscard]] std::string cipher_suite() const;
    [[nodiscard]] std::string alpn() const;
    [[nodiscard]] bool resumed() const noexcept { return gnutls_session_is_resumed(get()) != 0; }

    using datagram = std::vector<unsigned char>;
    std::deque<datagram> incoming;
    std::vector<datagram> sent;  ///< all datagrams ever sent
    plain_session* peer = nullptr;

private:
    static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size);
    static ssize_t pull(gnutls_transport_ptr_t self, void* data, std::size_t size);
    static int wait(gnutls_transport_ptr_t self, unsigned ms);

    tls::session_handle session_;
    int code_ = GNUTLS_E_AGAIN;
};

/// Performs the handshake of both until both are done, or neither has anything to send.
void shake_hands(plain_session& client, plain_session& server);

/// Makes a fresh client offer the session of a former one.
void offer_session_of(plain_session& former, plain_session& fresh);

/// A GnuTLS client independent of quivive, with credentials set by hand. It verifies no certificate.
struct plain_client {
    /// `priority` is a GnuTLS priority string; `chain` and `key` are PEM, or empty. The client sends its
    /// certificate even to a server that does not name its issuer.
    explicit plain_client(const std::string& priority, const std::string& chain = {},
                          const std::string& key = {});

    /// Adds a PSK.
    plain_client& psk(std::string_view identity, std::string_view key);

    tls::certificate_credentials certificate;
    tls::psk_client_credentials psk_credentials;
    plain_session session;
};

inline constexpr const char* dtls_1_2 = "NORMAL:-VERS-ALL:+VERS-DTLS1.2";

}  // namespace quivive::test
