// minimal_server PORT CERT.pem KEY.pem [ADDR]: DTLS 1.2 echo on GnuTLS and sockets, one client at a time:
//   1. recvfrom                    receive a datagram from an unknown peer
//   2. gnutls_dtls_cookie_verify   check whether it is a ClientHello with a valid cookie
//   3. gnutls_dtls_cookie_send     if not: answer with a HelloVerifyRequest and keep no state
//   4. gnutls_dtls_prestate_set    if so: create a session that continues after the cookie exchange
//   5. gnutls_handshake            then send each message back until the client closes
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <span>
#include <string>

using namespace std::chrono;

namespace {
volatile std::sig_atomic_t stop_asked = 0;
sigset_t mask_in_poll;  // SIGINT and SIGTERM are blocked except in ppoll, so that none is missed before it

struct server {
    gnutls_certificate_credentials_t identity{};
    gnutls_datum_t cookie_key{};  // a server that runs for weeks should replace it regularly
    int socket = -1;
    bool serving = false;               // true: datagrams from other peers are ignored
    steady_clock::time_point deadline;  // for the client being served; no wait lasts longer
    sockaddr_storage address{};         // the source of the last datagram
    socklen_t address_size = sizeof address;
    std::string peer;  // the address as text, since a sockaddr has padding
    unsigned char buffer[65536]{};
    std::span<unsigned char> unread;  // the records of that datagram that GnuTLS has not read yet
};

[[noreturn]] void fail(const std::string& why, const std::string& with = "", const std::string& and_with = "")
{
    std::cerr << why << (with.empty() ? "" : ": " + with + ' ' + and_with) << '\n';
    std::exit(2);
}

std::string to_text(const sockaddr_storage& address, socklen_t size)
{
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
    getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM);
    return (std::strchr(host, ':') ? '[' + std::string(host) + ']' : host) + ':' + port;
}

// Receives a datagram. Drops an empty one, which GnuTLS would read as the end of the connection.
void take_datagram(server& self)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const auto got = recvfrom(self.socket, self.buffer, sizeof self.buffer, MSG_DONTWAIT,
                              reinterpret_cast<sockaddr*>(&address), &size);
    if (got <= 0) return;
    const auto peer = to_text(address, size);
    if (self.serving && peer != self.peer) return;
    self.address = address, self.address_size = size, self.peer = peer;
    self.unread = std::span(self.buffer).first(static_cast<std::size_t>(got));
}

// Returns 1 when there is a record to pull, 0 on a time-out, -1 on a signal.
int wait_for_datagram(gnutls_transport_ptr_t pointer, unsigned int limit)
{
    auto& self = *static_cast<server*>(pointer);
    auto end = steady_clock::now() + limit * 1ms;
    if (self.serving) end = std::min(end, self.deadline);
    while (self.unread.empty()) {
        const auto left = std::max(end - steady_clock::now(), 0ns);
        const timespec time{left / 1s, left % 1s / 1ns};
        pollfd readable{self.socket, POLLIN, 0};
        if (const int ready = ppoll(&readable, 1, &time, &mask_in_poll); ready <= 0) return ready;
        take_datagram(self);
        if (self.unread.empty() && left == 0ns) return 0;
    }
    return 1;
}

// Passes whole records to GnuTLS, one at a time, and discards invalid ones (RFC 6347 4.1.2.7). GnuTLS would
// join a truncated record to the next datagram, and accepts a limited number of handshake fragments at once.
ssize_t pull(gnutls_transport_ptr_t pointer, void* data, std::size_t room)
{
    auto& self = *static_cast<server*>(pointer);
    const auto in = self.unread;
    const std::size_t size = in.size() < 13 ? in.size() + 1 : 13u + (in[11] * 256u + in[12]);
    self.unread = size > in.size() ? in.last(0) : in.subspan(size);
    if (size > std::min(in.size(), room)) return errno = EAGAIN, -1;
    std::memcpy(data, in.data(), size);
    return static_cast<ssize_t>(size);
}

// Sends a datagram. An error is ignored, as any datagram may be lost: the handshake will retransmit it.
ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size)
{
    const auto& self = *static_cast<server*>(pointer);
    sendto(self.socket, data, size, 0, reinterpret_cast<const sockaddr*>(&self.address), self.address_size);
    return static_cast<ssize_t>(size);
}

// RFC 6347 4.2.1: answers a ClientHello with a cookie, which only a peer that receives at its address can
// return. Until then the server keeps no state of the peer, and sends it fewer bytes than it received.
bool may_shake_hands(server& self, gnutls_dtls_prestate_st& state)
{
    // Accepts a handshake record (22) of DTLS (0xfe..) and epoch 0. It must hold a ClientHello (1) from its
    // start (offset 0) to the length of its cookie at least. gnutls_dtls_cookie_verify checks
    // less: it also finds a cookie in data that is no ClientHello.
    const auto d = self.unread;
    const bool is_hello = d.size() > 60 && d[0] == 22 && d[1] == 0xfe && (d[3] | d[4]) == 0 && d[13] == 1 &&
                          (d[19] | d[20] | d[21]) == 0;
    if (!is_hello) return false;
    const int verdict = gnutls_dtls_cookie_verify(&self.cookie_key, self.peer.data(), self.peer.size(),
                                                  d.data(), d.size(), &state);
    if (verdict != GNUTLS_E_BAD_COOKIE) return verdict == 0;
    state.record_seq = d[10];  // the ClientHello's record sequence number (RFC 6347 4.2.1)
    gnutls_dtls_cookie_send(&self.cookie_key, self.peer.data(), self.peer.size(), &state, &self, push);
    return false;
}

// Sends each message back. Returns 0 after the client's close_notify, otherwise the error.
int echo(server& self, gnutls_session_t session)
{
    unsigned char message[16384];
    int got = GNUTLS_E_AGAIN;
    gnutls_dtls_set_data_mtu(session, sizeof message);  // a message goes back in one datagram, as it came
    while (got != 0 && !gnutls_error_is_fatal(got) && !stop_asked && steady_clock::now() < self.deadline) {
        got = static_cast<int>(gnutls_record_recv(session, message, sizeof message));
        if (got == GNUTLS_E_AGAIN) wait_for_datagram(&self, 60'000);  // only after a read: data may be early
        if (got == GNUTLS_E_REHANDSHAKE)
            gnutls_alert_send(session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        if (got > 0) self.deadline = steady_clock::now() + 60s;
        if (got > 0) gnutls_record_send(session, message, static_cast<std::size_t>(got));
    }
    return gnutls_bye(session, GNUTLS_SHUT_WR), got;
}

void serve(server& self, gnutls_dtls_prestate_st& state)
{
    gnutls_session_t session{};  // without NONBLOCK, GnuTLS also sleeps 50 ms whenever no data is there
    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) < 0) return;
    gnutls_priority_set_direct(session, "NORMAL:-VERS-ALL:+VERS-DTLS1.2:%SERVER_PRECEDENCE", nullptr);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, self.identity);
    gnutls_transport_set_ptr(session, &self);
    gnutls_transport_set_push_function(session, push);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, wait_for_datagram);
    gnutls_dtls_set_timeouts(session, 900, 29'900);  // retransmits just before clients, whose timer is 1 s
    gnutls_dtls_prestate_set(session, &state);
    self.serving = true, self.deadline = steady_clock::now() + 60s;
    int code = 0;  // 10 ms below: gnutls_dtls_get_timeout returns 0 before a flight
    while ((code = gnutls_handshake(session)) < 0 && !gnutls_error_is_fatal(code) && !stop_asked)
        if (code == GNUTLS_E_AGAIN) wait_for_datagram(&self, std::max(gnutls_dtls_get_timeout(session), 10U));
    if (code < 0) gnutls_alert_send_appropriate(session, code);
    if (code == 0) code = echo(self, session);
    if (code == GNUTLS_E_AGAIN) code = stop_asked ? GNUTLS_E_INTERRUPTED : GNUTLS_E_TIMEDOUT;
    gnutls_deinit(session);
    std::cerr << self.peer << ": " << (code < 0 ? gnutls_strerror(code) : "closed") << '\n';
}

void open_port(server& self, const char* host, const char* port)
{
    const addrinfo hints{AI_NUMERICHOST | AI_NUMERICSERV, 0, SOCK_DGRAM, 0, 0, nullptr, nullptr, nullptr};
    addrinfo* found = nullptr;
    const bool in_range = std::strlen(port) < 6 && *port >= '0' && *port <= '9' && std::atoi(port) < 65536;
    if (!in_range || getaddrinfo(host, port, &hints, &found) != 0) fail("no address and port", host, port);
    self.socket = socket(found->ai_family, SOCK_DGRAM, 0);
    if (bind(self.socket, found->ai_addr, found->ai_addrlen) != 0) fail(std::strerror(errno), host, port);
    freeaddrinfo(found);
    getsockname(self.socket, reinterpret_cast<sockaddr*>(&self.address), &self.address_size);
    std::cout << "listening on " << to_text(self.address, self.address_size) << std::endl;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 4 && argc != 5) fail("usage: minimal_server PORT CERT.pem KEY.pem [ADDR]");
    server self;
    gnutls_certificate_allocate_credentials(&self.identity);
    gnutls_key_generate(&self.cookie_key, GNUTLS_COOKIE_KEY_SIZE);
    const int rc = gnutls_certificate_set_x509_key_file(self.identity, argv[2], argv[3], GNUTLS_X509_FMT_PEM);
    if (rc < 0) fail(gnutls_strerror(rc), argv[2], argv[3]);
    sigset_t blocked{};
    for (const int n : {SIGINT, SIGTERM}) sigaddset(&blocked, n), std::signal(n, [](int) { stop_asked = 1; });
    sigprocmask(SIG_BLOCK, &blocked, &mask_in_poll);
    open_port(self, argc > 4 ? argv[4] : "127.0.0.1", argv[1]);
    for (; !stop_asked; self.serving = false, self.unread = {}) {
        gnutls_dtls_prestate_st state{};
        if (wait_for_datagram(&self, 60'000) == 1 && may_shake_hands(self, state)) serve(self, state);
    }
    gnutls_certificate_free_credentials(self.identity);
    gnutls_free(self.cookie_key.data);
}
