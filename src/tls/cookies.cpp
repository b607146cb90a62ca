#include "tls/cookies.hpp"

#ifndef QUIVIVE_COOKIES_NEVER

#    include "tls/handles.hpp"
#    include "wire/handshake.hpp"

#    include <gnutls/dtls.h>
#    include <gnutls/gnutls.h>

#    include <algorithm>

namespace quivive::tls {

namespace {

/// GnuTLS takes non-const pointers to inputs that it does not modify.
void* mutable_data(wire::bytes bytes) noexcept { return const_cast<std::byte*>(bytes.data()); }

/// The record up to its cookie, and one byte more. GnuTLS requires that byte. It is absent when a first
/// fragment ends with its cookie (RFC 6347 4.2.3). `size` is 0 when the cookie cannot be one of GnuTLS's.
struct cookie_covered_part {
    static constexpr std::size_t cookie_size = 16;
    static constexpr std::size_t before_session_id =
        wire::record_header_size + wire::handshake_header_size + 2 + 32;

    explicit cookie_covered_part(const wire::client_hello_view& hello) noexcept
    {
        const auto cookie_end = before_session_id + 1 + hello.session_id.size() + 1 + cookie_size;
        if (hello.cookie.size() != cookie_size || cookie_end > hello.record.size() ||
            cookie_end >= bytes.size())
            return;
        wire::copy(hello.record.first(cookie_end), bytes);
        size = cookie_end + 1;
    }

    std::array<std::byte, before_session_id + 1 + 32 + 1 + cookie_size + 1> bytes{};
    std::size_t size = 0;
};

/// Captures GnuTLS's HelloVerifyRequest in place of a socket.
struct catcher {
    hello_verify_request& out;
    std::size_t size = 0;

    static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size) noexcept
    {
        auto& caught = *static_cast<catcher*>(self);
        caught.size = size;
        if (size == caught.out.size())
            std::copy_n(static_cast<const std::byte*>(data), size, caught.out.begin());
        return static_cast<ssize_t>(size);
    }
};

class gnutls_cookies final : public cookie_functions {
public:
    bool verify(const cookie_key& key, wire::bytes client_data,
                const wire::client_hello_view& hello) const noexcept override
    {
        cookie_covered_part message{hello};
        if (message.size == 0) return false;
        auto signing = as_datum(wire::bytes{key});
        // GnuTLS puts 8 bits of the record's sequence there. quivive uses all 48, from its parser.
        gnutls_dtls_prestate_st unused{};
        return gnutls_dtls_cookie_verify(&signing, mutable_data(client_data), client_data.size(),
                                         message.bytes.data(), message.size, &unused) == 0;
    }

    bool challenge(const cookie_key& key, wire::bytes client_data, const wire::client_hello_view& hello,
                   hello_verify_request& out) const noexcept override
    {
        auto signing = as_datum(wire::bytes{key});
        gnutls_dtls_prestate_st start{};
        catcher caught{out};
        const int result = gnutls_dtls_cookie_send(&signing, mutable_data(client_data), client_data.size(),
                                                   &start, &caught, &catcher::push);
        if (result < 0 || caught.size != out.size()) return false;

        // RFC 6347 4.2.1: the record sequence of the ClientHello, all 48 bits. The message_seq is copied too
        // (erratum 5186). A client with an expired first cookie then accepts a second HelloVerifyRequest.
        wire::write_integer(std::span{out}.subspan<5, 6>(), hello.record_sequence);
        wire::write_integer(std::span{out}.subspan<17, 2>(), hello.message_seq);
        return true;
    }
};

}  // namespace

std::unique_ptr<const cookie_functions> make_gnutls_cookies() { return std::make_unique<gnutls_cookies>(); }

}  // namespace quivive::tls

#else

namespace quivive::tls {

std::unique_ptr<const cookie_functions> make_gnutls_cookies() { return nullptr; }

}  // namespace quivive::tls

#endif
