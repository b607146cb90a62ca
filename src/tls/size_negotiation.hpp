#pragma once

#include "wire/client_hello.hpp"
#include "wire/record.hpp"

#include <gnutls/gnutls.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::tls {

/// The hello extensions max_fragment_length (RFC 6066 4) and record_size_limit (RFC 8449 4) of one session:
/// the maximum plaintext that the peer accepts in one record. They replace GnuTLS's own implementation, which
/// has these faults:
/// - it does not report the value of a record_size_limit, and accepts none below 512;
/// - it loses a max_fragment_length at its ChangeCipherSpec;
/// - it splits flights into more records than it can send.
///
/// On resumption they are negotiated anew (RFC 8449 4).
class size_negotiation {
public:
    size_negotiation() = default;
    size_negotiation(const size_negotiation&) = delete;
    size_negotiation& operator=(const size_negotiation&) = delete;

    /// Registers the extensions; call it before a client's handshake. The object must outlive the session.
    /// Throws `boost::system::system_error`.
    void attach_to_client(gnutls_session_t session);

    /// Registers the extensions that this hello offers; call it before a server's session reads the hello.
    /// Registers no others, since GnuTLS uses 128 bytes for each extension. The object must outlive the
    /// session. Returns a code of GnuTLS; negative when memory is exhausted.
    [[nodiscard]] int on_client_hello(gnutls_session_t session,
                                      const wire::client_hello_view& hello) noexcept;

    /// Returns the maximum bytes in a record to the peer, as negotiated so far. In RFC 6066 4 the limit
    /// includes unencrypted records.
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

private:
    static int receive_fragment_length(gnutls_session_t session, const unsigned char* data,
                                       std::size_t size) noexcept;
    static int send_fragment_length(gnutls_session_t session, gnutls_buffer_t out) noexcept;
    static int receive_size_limit(gnutls_session_t session, const unsigned char* data,
                                  std::size_t size) noexcept;
    static int send_size_limit(gnutls_session_t session, gnutls_buffer_t out) noexcept;

    std::uint16_t limit_ = wire::max_record_plaintext;
    bool size_limit_received_ = false;
    std::optional<unsigned char> length_code_;  ///< code of max_fragment_length; 0 for an invalid one
};

}  // namespace quivive::tls
