// openssl_server PORT CERT.pem KEY.pem [ADDR]: the same server as minimal_server.cpp, on OpenSSL:
//   1. DTLSv1_listen       answer unknown peers with a HelloVerifyRequest until one returns its cookie
//   2. bind, connect       open a second socket on the same port, which receives only that peer's datagrams
//   3. SSL_accept          then send each message back until the client closes
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

using namespace std::chrono;

namespace {
volatile std::sig_atomic_t stop_asked = 0;
sigset_t mask_in_poll;  // SIGINT and SIGTERM are blocked except in ppoll, so that none is missed before it
unsigned char cookie_key[32];

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using ssl_ptr = std::unique_ptr<SSL, decltype(&SSL_free)>;
using peer_ptr = std::unique_ptr<BIO_ADDR, decltype(&BIO_ADDR_free)>;

struct address {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

[[noreturn]] void fail(const std::string& why, const std::string& with = "", const std::string& and_with = "")
{
    std::cerr << why << (with.empty() ? "" : ": " + with + ' ' + and_with) << '\n';
    std::exit(2);
}

// RFC 6347 4.2.1: makes a cookie, a MAC of the peer's address under a key that only the server has.
int make_cookie(SSL* ssl, unsigned char* cookie, unsigned int* size)
{
    const peer_ptr peer(BIO_ADDR_new(), BIO_ADDR_free);
    if (!peer || BIO_dgram_get_peer(SSL_get_rbio(ssl), peer.get()) <= 0) return 0;
    unsigned char bytes[16 + 2]{};  // the address of either family, and the port
    std::size_t length = 0;
    if (BIO_ADDR_rawaddress(peer.get(), nullptr, &length) != 1 || length > 16) return 0;
    BIO_ADDR_rawaddress(peer.get(), bytes, &length);
    const unsigned short port = BIO_ADDR_rawport(peer.get());
    std::memcpy(bytes + length, &port, sizeof port);
    return HMAC(EVP_sha256(), cookie_key, sizeof cookie_key, bytes, length + sizeof port, cookie, size) ? 1
                                                                                                        : 0;
}

int check_cookie(SSL* ssl, const unsigned char* cookie, unsigned int size)
{
    unsigned char good[EVP_MAX_MD_SIZE];
    unsigned int good_size = 0;
    if (make_cookie(ssl, good, &good_size) != 1) return 0;
    return size == good_size && CRYPTO_memcmp(cookie, good, size) == 0 ? 1 : 0;
}

// Waits for a datagram until `end`, or until OpenSSL has to retransmit a flight.
void wait_for_datagram(SSL* ssl, steady_clock::time_point end)
{
    nanoseconds left = end - steady_clock::now();
    if (timeval next{}; DTLSv1_get_timeout(ssl, &next) == 1)
        left = std::min<nanoseconds>(left, seconds(next.tv_sec) + microseconds(next.tv_usec));
    left = std::max(left, 0ns);
    const timespec time{left / 1s, left % 1s / 1ns};
    pollfd readable{SSL_get_fd(ssl), POLLIN, 0};
    if (ppoll(&readable, 1, &time, &mask_in_poll) == 0) DTLSv1_handle_timeout(ssl);
}

// Repeats `step`. Returns 1 when it succeeds, 0 when the client has closed, and -1 on an error, a time-out or
// a signal to stop.
template <class Step>
int drive(SSL* ssl, seconds limit, Step step)
{
    for (const auto end = steady_clock::now() + limit;;) {
        ERR_clear_error();
        errno = 0;
        const int result = step();
        if (result > 0) return 1;
        const int error = SSL_get_error(ssl, result);
        if (error == SSL_ERROR_ZERO_RETURN) return 0;
        const bool was_empty = error == SSL_ERROR_SYSCALL && errno == 0;  // an empty datagram
        if ((error != SSL_ERROR_WANT_READ && !was_empty) || stop_asked || steady_clock::now() >= end)
            return -1;
        wait_for_datagram(ssl, end);
    }
}

void serve(SSL* ssl)
{
    if (drive(ssl, 30s, [&] { return SSL_accept(ssl); }) != 1) return;
    unsigned char message[16384];
    std::size_t size = 0;
    while (drive(ssl, 60s, [&] { return SSL_read_ex(ssl, message, sizeof message, &size); }) == 1)
        SSL_write(ssl, message, static_cast<int>(size));
    SSL_shutdown(ssl);
}

int bound_socket(address at, int shares_port)
{
    const int fd = socket(at.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &shares_port, sizeof shares_port);
    if (fd < 0 || bind(fd, at.get(), at.size) != 0) fail(std::strerror(errno));
    const int on = 1;  // set after bind, so that bind refuses a port in use
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return fd;
}

address to_address(const char* host, const char* port)
{
    const addrinfo hints{AI_NUMERICHOST | AI_NUMERICSERV, 0, SOCK_DGRAM, 0, 0, nullptr, nullptr, nullptr};
    addrinfo* found = nullptr;
    const bool in_range = std::strlen(port) < 6 && *port >= '0' && *port <= '9' && std::atoi(port) < 65536;
    if (!in_range || getaddrinfo(host, port, &hints, &found) != 0) fail("no address and port", host, port);
    address at;
    std::memcpy(&at.storage, found->ai_addr, found->ai_addrlen);
    at.size = found->ai_addrlen;
    freeaddrinfo(found);
    return at;
}

std::string to_text(address at)
{
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
    getnameinfo(at.get(), at.size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    return (std::strchr(host, ':') ? '[' + std::string(host) + ']' : host) + ':' + port;
}

context_ptr make_context(const char* certificate, const char* key)
{
    context_ptr context(SSL_CTX_new(DTLS_server_method()), SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), DTLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_cookie_generate_cb(context.get(), make_cookie);
    SSL_CTX_set_cookie_verify_cb(context.get(), check_cookie);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1)
        fail("not a certificate and its key", certificate, key);
    return context;
}

ssl_ptr make_ssl(SSL_CTX* context, int listener)
{
    ssl_ptr ssl(SSL_new(context), SSL_free);
    BIO* const bio = BIO_new_dgram(listener, BIO_NOCLOSE);
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_mtu(ssl.get(), 1200);
    return ssl;
}

// Waits until a peer's address is validated, and serves this peer until it has gone.
void serve_next(SSL_CTX* context, int listener, address own)
{
    const ssl_ptr ssl = make_ssl(context, listener);
    const peer_ptr peer(BIO_ADDR_new(), BIO_ADDR_free);
    int proven = 0;
    while (proven == 0 && !stop_asked) {
        pollfd readable{listener, POLLIN, 0};
        if (ppoll(&readable, 1, nullptr, &mask_in_poll) == 1) proven = DTLSv1_listen(ssl.get(), peer.get());
    }
    if (proven <= 0) return;
    const int connected = bound_socket(own, 1);
    if (BIO_connect(connected, peer.get(), BIO_SOCK_NONBLOCK) == 1) {
        // Before connect, the socket received datagrams from any peer. One of them would end the handshake.
        char lost;
        while (recv(connected, &lost, sizeof lost, MSG_DONTWAIT) >= 0) continue;
        BIO_set_fd(SSL_get_rbio(ssl.get()), connected, BIO_NOCLOSE);
        BIO_ctrl_set_connected(SSL_get_rbio(ssl.get()), peer.get());
        serve(ssl.get());
    }
    close(connected);
}
}  // namespace

int main(int argc, char** argv)
{
    if (argc != 4 && argc != 5) fail("usage: openssl_server PORT CERT.pem KEY.pem [ADDR]");
    const context_ptr context = make_context(argv[2], argv[3]);
    RAND_bytes(cookie_key, sizeof cookie_key);
    sigset_t blocked{};
    for (const int n : {SIGINT, SIGTERM}) sigaddset(&blocked, n), std::signal(n, [](int) { stop_asked = 1; });
    sigprocmask(SIG_BLOCK, &blocked, &mask_in_poll);

    address own = to_address(argc > 4 ? argv[4] : "127.0.0.1", argv[1]);
    const int listener = bound_socket(own, 0);
    getsockname(listener, own.get(), &own.size);
    std::cout << "listening on " << to_text(own) << std::endl;
    while (!stop_asked) serve_next(context.get(), listener, own);
    close(listener);
}
