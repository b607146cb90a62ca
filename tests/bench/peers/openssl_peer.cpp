// openssl_peer PORT CERT.pem KEY.pem [IDENTITY:HEXKEY]: examples/openssl_server.cpp, extended to many
// clients. It is a DTLS echo server on OpenSSL without a socket for each client: one socket, a table of SSL
// objects by address, each with a BIO that holds a datagram.
#include "udp_server.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace {

using namespace peer;

struct client {
    ~client() { SSL_free(ssl); }
    const udp_socket* socket = nullptr;
    sockaddr_in at{};
    SSL* ssl = nullptr;
    std::span<const unsigned char> unread;
    bool established = false;
    steady_clock::time_point since;
};

struct server {
    udp_socket socket;
    SSL_CTX* context;
    BIO_METHOD* method;
    std::unique_ptr<client>
        listener;  // for unknown peers; becomes the object of the client that returns a valid cookie
    std::unordered_map<peer_number, std::unique_ptr<client>> clients;
    std::unordered_set<peer_number> half_open;
};
arguments given;
unsigned char cookie_key[32];

client& client_of(BIO* bio) { return *static_cast<client*>(BIO_get_data(bio)); }

int write(BIO* bio, const char* data, int size)
{
    client_of(bio).socket->send(client_of(bio).at, data, static_cast<std::size_t>(size));
    return size;
}

int read(BIO* bio, char* data, int room)
{
    auto& self = client_of(bio);
    BIO_clear_retry_flags(bio);
    if (self.unread.empty()) return BIO_set_retry_read(bio), -1;
    const auto size = std::min(static_cast<std::size_t>(room), self.unread.size());
    std::memcpy(data, self.unread.data(), size);
    self.unread = {};
    return static_cast<int>(size);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }

BIO_METHOD* make_method()
{
    BIO_METHOD* const method =
        BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "a datagram at a time");
    BIO_meth_set_write(method, write);
    BIO_meth_set_read(method, read);
    BIO_meth_set_ctrl(method, control);
    BIO_meth_set_create(method, [](BIO* bio) { return BIO_set_init(bio, 1), 1; });
    return method;
}

// RFC 6347 4.2.1: a cookie is a MAC of the peer's address under a secret key of the server.
int make_cookie(SSL* ssl, unsigned char* cookie, unsigned* size)
{
    const auto peer = number_of(client_of(SSL_get_rbio(ssl)).at);
    unsigned char bytes[sizeof peer];
    std::memcpy(bytes, &peer, sizeof peer);
    return HMAC(EVP_sha256(), cookie_key, sizeof cookie_key, bytes, sizeof bytes, cookie, size) ? 1 : 0;
}

int check_cookie(SSL* ssl, const unsigned char* cookie, unsigned size)
{
    unsigned char good[EVP_MAX_MD_SIZE];
    unsigned good_size = 0;
    if (make_cookie(ssl, good, &good_size) != 1) return 0;
    return size == good_size && CRYPTO_memcmp(cookie, good, size) == 0 ? 1 : 0;
}

unsigned find_psk(SSL*, const char* identity, unsigned char* key, unsigned room)
{
    if (given.identity != identity || given.psk.size() > room) return 0;
    std::ranges::copy(given.psk, key);
    return static_cast<unsigned>(given.psk.size());
}

SSL_CTX* make_context()
{
    SSL_CTX* const context = SSL_CTX_new(DTLS_server_method());
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_COOKIE_EXCHANGE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);          // idle sessions hold no buffers
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // resumption uses tickets
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
    if (!given.psk.empty()) SSL_CTX_set_psk_server_callback(context, find_psk);
    if (SSL_CTX_use_certificate_chain_file(context, given.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, given.key.c_str(), SSL_FILETYPE_PEM) != 1)
        fail("not a certificate and its key");
    return context;
}

std::unique_ptr<client> make_client(const server& self)
{
    auto made = std::make_unique<client>();
    made->socket = &self.socket;
    made->ssl = SSL_new(self.context);
    BIO* const bio = BIO_new(self.method);
    BIO_set_data(bio, made.get());
    SSL_set_bio(made->ssl, bio, bio);
    SSL_set_accept_state(made->ssl);
    SSL_set_mtu(made->ssl, 1400);
    return made;
}

// Returns false when the session is over.
bool drive(server& self, client& with)
{
    ERR_clear_error();
    if (!with.established) {
        const int result = SSL_accept(with.ssl);
        if (result != 1) return SSL_get_error(with.ssl, result) == SSL_ERROR_WANT_READ;
        with.established = true;
        self.half_open.erase(number_of(with.at));
    }
    unsigned char message[16384];
    for (;;) {
        const int got = SSL_read(with.ssl, message, sizeof message);
        if (got > 0) {
            SSL_write(with.ssl, message, got);
            continue;
        }
        const int error = SSL_get_error(with.ssl, got);
        if (error == SSL_ERROR_ZERO_RETURN) SSL_shutdown(with.ssl);
        return error == SSL_ERROR_WANT_READ;
    }
}

void forget(server& self, peer_number peer)
{
    self.half_open.erase(peer);
    self.clients.erase(peer);
}

void take(server& self, const sockaddr_in& from, std::span<unsigned char> datagram, BIO_ADDR* scratch)
{
    const auto peer = number_of(from);
    auto found = self.clients.find(peer);
    if (found == self.clients.end()) {
        self.listener->at = from;
        self.listener->unread = datagram;
        ERR_clear_error();
        const int proven = DTLSv1_listen(self.listener->ssl, scratch);
        self.listener->unread = {};
        if (proven <= 0) return;
        self.listener->since = steady_clock::now();
        found = self.clients.emplace(peer, std::move(self.listener)).first;
        self.half_open.insert(peer);
        self.listener = make_client(self);
    } else {
        found->second->unread = datagram;
    }
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
        if (late || DTLSv1_handle_timeout(with.ssl) < 0) forget(self, peer);
    }
}

}  // namespace

int main(int argc, char** argv)
{
    given = read_arguments(argc, argv);
    RAND_bytes(cookie_key, sizeof cookie_key);
    server self{udp_socket(given.port), make_context(), make_method(), {}, {}, {}};
    self.listener = make_client(self);
    BIO_ADDR* const scratch = BIO_ADDR_new();

    for (auto looked = steady_clock::now(); !stop_asked;) {
        self.socket.wait(look_at_timers);
        sockaddr_in from{};
        for (int i = 0; i < datagrams_per_turn; ++i) {
            const auto datagram = self.socket.receive(from);
            if (datagram.empty()) break;
            take(self, from, datagram, scratch);
        }
        if (steady_clock::now() < looked + look_at_timers) continue;
        looked = steady_clock::now();
        run_timers(self);
    }
}
