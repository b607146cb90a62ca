#pragma once

#include "wire/client_hello.hpp"
#include "wire/record.hpp"

#include <gnutls/gnutls.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace quivive::tls {

/// The hello extensions max_fragment_length (RFC 6066 4) and record_size_limit (RFC 8449 4) of one session:
/// the most plaintext that the peer takes in one record. They stand in for GnuTLS's own, which does not tell
/// what a record_size_limit says, takes none below 512, forgets a max_fragment_length at its
/// ChangeCipherSpec, and cuts flights into more records than it can send. On resumption they are agreed on
/// anew (RFC 8449 4).
class size_negotiation {
public:
    size_negotiation() = default;
    size_negotiation(const size_negotiation&) = delete;
    size_negotiation& operator=(const size_negotiation&) = delete;

    /// To be called before a client's handshake. Must outlive the session. Throws
    /// `boost::system::system_error`.
    void attach_to_client(gnutls_session_t session);

    /// To be called before a server's session reads its hello, which says what to listen for: GnuTLS takes
    /// 128 bytes for an extension. Must outlive the session. A code of GnuTLS; negative: there is no memory.
    [[nodiscard]] int meet(gnutls_session_t session, const wire::client_hello_view& hello) noexcept;

    /// Bytes that a record to the peer may hold, as agreed on so far. RFC 6066 4 means those in the clear as
    /// well.
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

private:
    static int hear_fragment_length(gnutls_session_t session, const unsigned char* data,
                                    std::size_t size) noexcept;
    static int say_fragment_length(gnutls_session_t session, gnutls_buffer_t out) noexcept;
    static int hear_size_limit(gnutls_session_t session, const unsigned char* data,
                               std::size_t size) noexcept;
    static int say_size_limit(gnutls_session_t session, gnutls_buffer_t out) noexcept;

    std::uint16_t limit_ = wire::max_record_plaintext;
    bool size_limit_heard_ = false;
    std::optional<unsigned char> length_code_;  ///< of max_fragment_length; 0 for what is no such code
};

}  // namespace quivive::tls
