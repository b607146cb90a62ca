// gnutls_peer PORT CERT.pem KEY.pem [IDENTITY:HEXKEY]: examples/minimal_server.cpp, extended to many clients.
// It is a DTLS echo server after the manual of GnuTLS: one socket, a table of sessions by address, a datagram
// at a time, GnuTLS's own timers.
#include "udp_server.hpp"

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace {

using namespace peer;

struct server;

struct client {
    client(server& owner, const sockaddr_in& address) : of(owner), at(address) {}
    ~client() { gnutls_deinit(session); }
    server& of;
    sockaddr_in at;
    gnutls_session_t session{};
    std::span<const unsigned char> unread;  // the datagram that GnuTLS has not read yet
    bool established = false;
    steady_clock::time_point since = steady_clock::now();
};

struct server {
    udp_socket socket;
    arguments given;
    gnutls_certificate_credentials_t certificate{};
    gnutls_psk_server_credentials_t psk{};
    gnutls_priority_t priority{};
    gnutls_datum_t cookie_key{}, ticket_key{};
    std::unordered_map<peer_number, std::unique_ptr<client>> clients;
    std::unordered_set<peer_number> half_open;
};
server* the_server = nullptr;  // for the PSK callback, which gets no user pointer

ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size)
{
    const auto& self = *static_cast<client*>(pointer);
    self.of.socket.send(self.at, data, size);
    return static_cast<ssize_t>(size);
}

struct unknown_peer {
    const udp_socket& socket;
    sockaddr_in at;
};

ssize_t push_to_unknown_peer(gnutls_transport_ptr_t pointer, const void* data, std::size_t size)
{
    const auto& to = *static_cast<unknown_peer*>(pointer);
    to.socket.send(to.at, data, size);
    return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, std::size_t room)
{
    auto& self = *static_cast<client*>(pointer);
    if (self.unread.empty()) return gnutls_transport_set_errno(self.session, EAGAIN), -1;
    const auto size = std::min(room, self.unread.size());
    std::memcpy(data, self.unread.data(), size);
    self.unread = {};
    return static_cast<ssize_t>(size);
}

int has_unread(gnutls_transport_ptr_t pointer, unsigned)
{
    return !static_cast<client*>(pointer)->unread.empty();
}

int find_psk(gnutls_session_t, const char* identity, gnutls_datum_t* key)
{
    const auto& given = the_server->given;
    if (given.psk.empty() || given.identity != identity) return -1;
    key->size = static_cast<unsigned>(given.psk.size());
    key->data = static_cast<unsigned char*>(gnutls_malloc(key->size));
    std::ranges::copy(given.psk, key->data);
    return 0;
}

std::unique_ptr<client> make_client(server& self, const sockaddr_in& from, gnutls_dtls_prestate_st& state)
{
    auto made = std::make_unique<client>(self, from);
    gnutls_init(&made->session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK);
    gnutls_priority_set(made->session, self.priority);
    gnutls_credentials_set(made->session, GNUTLS_CRD_CERTIFICATE, self.certificate);
    gnutls_credentials_set(made->session, GNUTLS_CRD_PSK, self.psk);
    gnutls_session_ticket_enable_server(made->session, &self.ticket_key);
    gnutls_dtls_prestate_set(made->session, &state);
    gnutls_dtls_set_mtu(made->session, 1400);
    gnutls_transport_set_ptr(made->session, made.get());
    gnutls_transport_set_push_function(made->session, push);
    gnutls_transport_set_pull_function(made->session, pull);
    gnutls_transport_set_pull_timeout_function(made->session, has_unread);
    return made;
}

// Returns false when the session is over.
bool drive(server& self, client& with)
{
    if (!with.established) {
        const int result = gnutls_handshake(with.session);
        if (result < 0) return !gnutls_error_is_fatal(result);
        with.established = true;
        self.half_open.erase(number_of(with.at));
    }
    unsigned char message[16384];
    for (;;) {
        const auto got = gnutls_record_recv(with.session, message, sizeof message);
        if (got > 0) gnutls_record_send(with.session, message, static_cast<std::size_t>(got));
        if (got == 0) gnutls_bye(with.session, GNUTLS_SHUT_WR);
        if (got == GNUTLS_E_AGAIN) return true;
        if (got == 0 || gnutls_error_is_fatal(static_cast<int>(got))) return false;
    }
}

void forget(server& self, peer_number peer)
{
    self.half_open.erase(peer);
    self.clients.erase(peer);
}

void take(server& self, const sockaddr_in& from, std::span<unsigned char> datagram)
{
    const auto peer = number_of(from);
    auto found = self.clients.find(peer);
    if (found == self.clients.end()) {
        auto address = from;
        gnutls_dtls_prestate_st state{};
        if (gnutls_dtls_cookie_verify(&self.cookie_key, &address, sizeof address, datagram.data(),
                                      datagram.size(), &state) < 0) {
            unknown_peer to{self.socket, from};
            gnutls_dtls_cookie_send(&self.cookie_key, &address, sizeof address, &state, &to,
                                    push_to_unknown_peer);
            return;
        }
        found = self.clients.emplace(peer, make_client(self, from, state)).first;
        self.half_open.insert(peer);
    }
    found->second->unread = datagram;
    const bool stays = drive(self, *found->second);
    found->second->unread = {};
    if (!stays) forget(self, peer);
}

void run_timers(server& self)
{
    const auto waiting = std::vector(self.half_open.begin(), self.half_open.end());
    for (const auto peer : waiting) {
        auto& with = *self.clients.at(peer);
        const bool late = steady_clock::now() > with.since + handshake_patience;
        if (late || (gnutls_dtls_get_timeout(with.session) == 0 && !drive(self, with))) forget(self, peer);
    }
}

}  // namespace

int main(int argc, char** argv)
{
    const auto given = read_arguments(argc, argv);
    server self{udp_socket(given.port), given, {}, {}, {}, {}, {}, {}, {}};
    the_server = &self;
    gnutls_certificate_allocate_credentials(&self.certificate);
    const int loaded = gnutls_certificate_set_x509_key_file(self.certificate, given.certificate.c_str(),
                                                            given.key.c_str(), GNUTLS_X509_FMT_PEM);
    if (loaded < 0) fail(gnutls_strerror(loaded));
    gnutls_psk_allocate_server_credentials(&self.psk);
    gnutls_psk_set_server_credentials_function(self.psk, find_psk);
    gnutls_priority_init(&self.priority, "NORMAL:-VERS-ALL:+VERS-DTLS1.2:+ECDHE-PSK:+PSK", nullptr);
    gnutls_key_generate(&self.cookie_key, GNUTLS_COOKIE_KEY_SIZE);
    gnutls_session_ticket_key_generate(&self.ticket_key);

    for (auto looked = steady_clock::now(); !stop_asked;) {
        self.socket.wait(look_at_timers);
        sockaddr_in from{};
        for (int i = 0; i < datagrams_per_turn; ++i) {
            const auto datagram = self.socket.receive(from);
            if (datagram.empty()) break;
            take(self, from, datagram);
        }
        if (steady_clock::now() < looked + look_at_timers) continue;
        looked = steady_clock::now();
        run_timers(self);
    }
}
