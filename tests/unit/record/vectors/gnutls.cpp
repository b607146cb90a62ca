// Prints gnutls.txt: records sealed by sessions of GnuTLS. README.md says how to run it.

#include "printer.hpp"

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace vectors;

namespace {

/// An end of a session in memory.
struct end {
    end(unsigned flags, const std::string& priority, end* peer) : other{peer}
    {
        gnutls_init(&session, flags | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK);
        if (gnutls_priority_set_direct(session, priority.c_str(), nullptr) != 0) std::abort();
        gnutls_transport_set_ptr(session, this);
        gnutls_transport_set_push_function(session, [](auto self, const void* data, std::size_t size) {
            static_cast<end*>(self)->datagrams.emplace_back().put(data, size);
            return static_cast<ssize_t>(size);
        });
        gnutls_transport_set_pull_function(session, [](auto self, void* data, std::size_t size) {
            return static_cast<end*>(self)->pull(data, size);
        });
        gnutls_transport_set_pull_timeout_function(session, [](auto self, unsigned) {
            return static_cast<end*>(self)->other->datagrams.empty() ? 0 : 1;
        });
    }
    ~end() { gnutls_deinit(session); }

    ssize_t pull(void* data, std::size_t size)
    {
        if (other->datagrams.empty()) {
            gnutls_transport_set_errno(session, EAGAIN);
            return -1;
        }
        const auto datagram = other->datagrams.front().take();
        other->datagrams.erase(other->datagrams.begin());
        std::memcpy(data, datagram.data(), std::min(size, datagram.size()));
        return static_cast<ssize_t>(datagram.size());
    }
    octets take_record() { return datagrams.empty() ? octets{} : datagrams.back().take(); }

    gnutls_session_t session = nullptr;
    std::vector<wire> datagrams;
    end* other;
};

std::string version() { return std::string{"GnuTLS "} + gnutls_check_version(nullptr); }

void make(std::string_view cipher)
{
    const auto priority = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK:-CIPHER-ALL:+" + std::string{cipher};
    end server{GNUTLS_SERVER, priority, nullptr};
    end client{GNUTLS_CLIENT, priority, &server};
    server.other = &client;

    gnutls_datum_t key{const_cast<std::uint8_t*>(psk), sizeof psk};
    gnutls_psk_client_credentials_t of_client;
    gnutls_psk_allocate_client_credentials(&of_client);
    gnutls_psk_set_client_credentials(of_client, "us", &key, GNUTLS_PSK_KEY_RAW);
    gnutls_credentials_set(client.session, GNUTLS_CRD_PSK, of_client);
    gnutls_psk_server_credentials_t of_server;
    gnutls_psk_allocate_server_credentials(&of_server);
    gnutls_psk_set_server_credentials_function(of_server, [](auto, const char*, gnutls_datum_t* found) {
        found->data = static_cast<std::uint8_t*>(gnutls_malloc(sizeof psk));
        std::memcpy(found->data, psk, found->size = sizeof psk);
        return 0;
    });
    gnutls_credentials_set(server.session, GNUTLS_CRD_PSK, of_server);

    int one = -1, other = -1;
    for (int i = 0; i < 100 && (one != 0 || other != 0); ++i) {
        if (one != 0) one = gnutls_handshake(client.session);
        if (other != 0) other = gnutls_handshake(server.session);
    }
    if (one != 0 || other != 0) std::abort();

    gnutls_datum_t mac, iv, write_key;
    std::uint8_t number[8];
    if (gnutls_record_get_state(client.session, 0, &mac, &iv, &write_key, number) != 0) std::abort();
    print_keys(version(), cipher, {write_key.data, write_key.data + write_key.size},
               {iv.data, iv.data + iv.size});
    for (const auto text : messages) {
        client.datagrams.clear();
        if (gnutls_record_send(client.session, text.data(), text.size()) >= 0)
            print_record(client.take_record(), text);
    }
    client.datagrams.clear();
    gnutls_bye(client.session, GNUTLS_SHUT_WR);
    print_record(client.take_record(), close_notify);
    gnutls_psk_free_client_credentials(of_client);
    gnutls_psk_free_server_credentials(of_server);
}

}  // namespace

int main()
{
    print_title(version());
    for (const auto* cipher : {"AES-128-GCM", "AES-256-GCM", "AES-128-CCM", "AES-256-CCM", "AES-128-CCM-8",
                               "AES-256-CCM-8", "CHACHA20-POLY1305"})
        make(cipher);
}
