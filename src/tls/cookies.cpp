#include "tls/cookies.hpp"

#ifndef QUIVIVE_COOKIES_NEVER

#    include <gnutls/dtls.h>
#    include <gnutls/gnutls.h>

#    include <algorithm>

namespace quivive::tls {

namespace {

/// GnuTLS takes its inputs as pointers to what it does not change.
gnutls_datum_t datum(const cookie_key& key) noexcept
{
    auto* const bytes = const_cast<std::byte*>(key.data());
    return {reinterpret_cast<unsigned char*>(bytes), static_cast<unsigned>(key.size())};
}

void* mutable_data(wire::bytes bytes) noexcept { return const_cast<std::byte*>(bytes.data()); }

/// Takes GnuTLS's HelloVerifyRequest instead of a socket.
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
        auto signing = datum(key);
        gnutls_dtls_prestate_st
            unused{};  // it has 8 bits of the record sequence only: ours comes from the parser
        return gnutls_dtls_cookie_verify(&signing, mutable_data(client_data), client_data.size(),
                                         mutable_data(hello.record), hello.record.size(), &unused) == 0;
    }

    bool challenge(const cookie_key& key, wire::bytes client_data, const wire::client_hello_view& hello,
                   hello_verify_request& out) const noexcept override
    {
        auto signing = datum(key);
        gnutls_dtls_prestate_st start{};
        catcher caught{out};
        const int result = gnutls_dtls_cookie_send(&signing, mutable_data(client_data), client_data.size(),
                                                   &start, &caught, &catcher::push);
        if (result < 0 || caught.size != out.size()) return false;

        // RFC 6347 4.2.1: the record sequence of the ClientHello, all 48 bits; its message_seq too (erratum
        // 5186), so that a client whose first cookie has grown old takes a second HelloVerifyRequest.
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
