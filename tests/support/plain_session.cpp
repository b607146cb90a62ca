#include "support/plain_session.hpp"

#include <gnutls/dtls.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace quivive::test {

using namespace quivive::tls;

plain_session::plain_session(unsigned role)
    : session_{
          make_handle<session_handle>("gnutls_init", gnutls_init, role | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK)}
{
    gnutls_transport_set_ptr(get(), this);
    gnutls_transport_set_push_function(get(), &plain_session::push);
    gnutls_transport_set_pull_function(get(), &plain_session::pull);
    gnutls_transport_set_pull_timeout_function(get(), &plain_session::wait);
    gnutls_dtls_set_timeouts(get(), 600'000, 1'200'000);
}

plain_session::plain_session(unsigned role, const context& context) : plain_session{role}
{
    apply_context(get(), context);
}

int plain_session::step()
{
    if (done() || gnutls_error_is_fatal(code_)) return code_;
    do code_ = gnutls_handshake(get());
    while (code_ < 0 && !gnutls_error_is_fatal(code_) && !incoming.empty());
    if (gnutls_error_is_fatal(code_)) gnutls_alert_send_appropriate(get(), code_);
    return code_;
}

std::string plain_session::cipher_suite() const
{
    char* text = gnutls_session_get_desc(get());
    const std::string copy = text == nullptr ? "" : text;
    gnutls_free(text);
    return copy;
}

std::string plain_session::alpn() const
{
    gnutls_datum_t protocol{};
    if (gnutls_alpn_get_selected_protocol(get(), &protocol) < 0) return {};
    return {reinterpret_cast<const char*>(protocol.data), protocol.size};
}

ssize_t plain_session::push(gnutls_transport_ptr_t self, const void* data, std::size_t size)
{
    auto& from = *static_cast<plain_session*>(self);
    const auto* bytes = static_cast<const unsigned char*>(data);
    from.sent.emplace_back(bytes, bytes + size);
    if (from.peer != nullptr) from.peer->incoming.push_back(from.sent.back());
    return static_cast<ssize_t>(size);
}

ssize_t plain_session::pull(gnutls_transport_ptr_t self, void* data, std::size_t size)
{
    auto& to = *static_cast<plain_session*>(self);
    if (to.incoming.empty()) {
        gnutls_transport_set_errno(to.get(), EAGAIN);
        return -1;
    }
    const auto first = std::move(to.incoming.front());
    to.incoming.pop_front();
    const auto taken = std::min(size, first.size());
    std::memcpy(data, first.data(), taken);
    return static_cast<ssize_t>(taken);
}

int plain_session::wait(gnutls_transport_ptr_t self, unsigned)
{
    return static_cast<plain_session*>(self)->incoming.empty() ? 0 : 1;
}

void shake_hands(plain_session& client, plain_session& server)
{
    client.peer = &server;
    server.peer = &client;
    client.step();
    while (!server.incoming.empty() || !client.incoming.empty()) {
        if (server.done() || gnutls_error_is_fatal(server.code())) server.incoming.clear();
        if (client.done() || gnutls_error_is_fatal(client.code())) client.incoming.clear();
        if (!server.incoming.empty()) server.step();
        if (!client.incoming.empty()) client.step();
    }
}

void offer_session_of(plain_session& former, plain_session& fresh)
{
    datum session;
    check(gnutls_session_get_data2(former.get(), session.out()), "gnutls_session_get_data2");
    check(gnutls_session_set_data(fresh.get(), session.get().data, session.get().size),
          "gnutls_session_set_data");
}

plain_client::plain_client(const std::string& priority, const std::string& chain, const std::string& key)
    : certificate{make_handle<certificate_credentials>("gnutls_certificate_allocate_credentials",
                                                       gnutls_certificate_allocate_credentials)},
      session{GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT}
{
    if (!chain.empty()) {
        const auto chain_pem = as_datum(chain), key_pem = as_datum(key);
        check(
            gnutls_certificate_set_x509_key_mem(certificate.get(), &chain_pem, &key_pem, GNUTLS_X509_FMT_PEM),
            "gnutls_certificate_set_x509_key_mem");
    }
    check(gnutls_priority_set_direct(session.get(), priority.c_str(), nullptr), "gnutls_priority_set_direct");
    check(gnutls_credentials_set(session.get(), GNUTLS_CRD_CERTIFICATE, certificate.get()),
          "gnutls_credentials_set");
}

plain_client& plain_client::psk(std::string_view identity, std::string_view key)
{
    psk_credentials = make_handle<psk_client_credentials>("gnutls_psk_allocate_client_credentials",
                                                          gnutls_psk_allocate_client_credentials);
    const auto name = as_datum(identity), raw_key = as_datum(key);
    check(gnutls_psk_set_client_credentials2(psk_credentials.get(), &name, &raw_key, GNUTLS_PSK_KEY_RAW),
          "gnutls_psk_set_client_credentials2");
    check(gnutls_credentials_set(session.get(), GNUTLS_CRD_PSK, psk_credentials.get()),
          "gnutls_credentials_set");
    return *this;
}

}  // namespace quivive::test
