// early_data_client PORT: a client that sends its first message in the datagram of its Finished (RFC 7918).
// Exits with 0 when the message comes back, otherwise with 1 and the reason.
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

constexpr int patience_ms = 10'000;
constexpr std::string_view said = "said early";

struct client {
    int socket = -1;
    std::string unsent;  // records that leave in one datagram
};

[[noreturn]] void fail(std::string_view why)
{
    std::cerr << why << '\n';
    std::exit(1);
}

ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size)
{
    static_cast<client*>(pointer)->unsent.append(static_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, std::size_t room)
{
    return recv(static_cast<client*>(pointer)->socket, data, room, MSG_DONTWAIT);
}

int wait(const client& self, int limit_ms)
{
    pollfd readable{self.socket, POLLIN, 0};
    return poll(&readable, 1, limit_ms);
}

int is_readable(gnutls_transport_ptr_t pointer, unsigned int)
{
    return wait(*static_cast<client*>(pointer), 0);
}

// Sends what GnuTLS has pushed, and waits for an answer.
void exchange(client& self)
{
    if (!self.unsent.empty()) send(self.socket, self.unsent.data(), self.unsent.size(), 0);
    self.unsent.clear();
    if (wait(self, patience_ms) != 1) fail("no answer");
}

gnutls_session_t make_session(client& self)
{
    gnutls_session_t session{};
    gnutls_certificate_credentials_t no_certificate{};
    gnutls_certificate_allocate_credentials(&no_certificate);
    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_ENABLE_FALSE_START);
    gnutls_priority_set_direct(session, "NORMAL:-VERS-ALL:+VERS-DTLS1.2", nullptr);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, no_certificate);
    gnutls_transport_set_ptr(session, &self);
    gnutls_transport_set_push_function(session, push);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, is_readable);
    return session;
}

}  // namespace

int main(int, char** argv)
{
    client self{socket(AF_INET, SOCK_DGRAM, 0), {}};
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(self.socket, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0)
        fail("no socket");

    const auto session = make_session(self);
    int code = 0;
    while ((code = gnutls_handshake(session)) == GNUTLS_E_AGAIN) exchange(self);
    if (code != 0) fail(gnutls_strerror(code));
    if ((gnutls_session_get_flags(session) & GNUTLS_SFLAGS_FALSE_START) == 0)
        fail("the handshake did not send its Finished as expected");
    gnutls_record_send(session, said.data(), said.size());

    std::array<char, 100> heard{};
    ssize_t size = GNUTLS_E_AGAIN;
    while ((size = gnutls_record_recv(session, heard.data(), heard.size())) == GNUTLS_E_AGAIN) exchange(self);
    if (size < 0) fail(gnutls_strerror(static_cast<int>(size)));
    if (std::string_view{heard.data(), static_cast<std::size_t>(size)} != said)
        fail("another message came back");
}
