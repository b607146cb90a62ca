#pragma once

#include "wire/client_hello.hpp"

#include <array>
#include <cstddef>

namespace quivive::tls {

using cookie_key = std::array<std::byte, 16>;

/// A HelloVerifyRequest with GnuTLS's 16-byte cookie: record header 13, handshake header 12, body 19.
inline constexpr std::size_t hello_verify_request_size = 44;
using hello_verify_request = std::array<std::byte, hello_verify_request_size>;

/// The two cryptographic steps of the cookie exchange. GnuTLS's helpers implement them (tls/cookies.cpp);
/// tests fake them.
class cookie_functions {
public:
    virtual ~cookie_functions() = default;

    /// Returns true when the hello carries the cookie that `key` produces for `client_data`.
    [[nodiscard]] virtual bool verify(const cookie_key& key, wire::bytes client_data,
                                      const wire::client_hello_view& hello) const noexcept = 0;

    /// Writes the HelloVerifyRequest for this hello, and mirrors its 48-bit record sequence and message_seq
    /// (RFC 6347 4.2.1 and erratum 5186). Returns false when GnuTLS fails; then nothing is sent.
    [[nodiscard]] virtual bool challenge(const cookie_key& key, wire::bytes client_data,
                                         const wire::client_hello_view& hello,
                                         hello_verify_request& out) const noexcept = 0;
};

}  // namespace quivive::tls
