#include "tls/resumption_check.hpp"

#include "tls/gnutls_context.hpp"

#include <new>
#include <utility>

namespace quivive::tls {

namespace {

std::uint16_t suite_of(wire::bytes server_hello) noexcept
{
    wire::reader in{server_hello};
    (void)in.take(2 + 32);  // version, random
    (void)in.vector(1);     // session id
    return in.u16();
}

}  // namespace

bool resumption_check::hello_comes(const wire::client_hello_view& hello, wire::bytes body) noexcept
try {
    if (!wire::offers_ticket(hello)) return true;
    std::vector<std::byte> kept(wire::handshake_header_size + body.size());
    wire::copy(body, std::span{kept}.subspan(wire::handshake_header_size));
    hello_ = std::move(kept);
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

/// GnuTLS has all restored state only when it creates the Finished. It has sent nothing by then.
int resumption_check::message_goes(gnutls_session_t session, wire::handshake_type type,
                                   wire::bytes body) noexcept
{
    switch (type) {
        case wire::handshake_type::server_hello:
            suite_ = suite_of(body);
            if (gnutls_session_is_resumed(session) == 0)
                hello_ = {};
            else if (hello_.empty())
                return GNUTLS_E_INTERNAL_ERROR;  // there is no hello to check the ticket against
            return 0;
        case wire::handshake_type::finished:
            if (hello_.empty()) return 0;  // part of a full handshake, or sent by a client
            if (!fits(session)) return resumption_refused;
            hello_ = {};
            return 0;
        default:
            return 0;
    }
}

bool resumption_check::fits(gnutls_session_t session) const noexcept
{
    const auto body = wire::bytes{hello_}.subspan(wire::handshake_header_size);
    const auto hello = wire::read_client_hello_body(body);
    return hello && wire::has_number(wire::cipher_suites(*hello), suite_) &&
           gnutls_context::of(session).may_resume(session, *hello, suite_);
}

std::vector<std::byte> resumption_check::take_hello() noexcept { return std::exchange(hello_, {}); }

}  // namespace quivive::tls
