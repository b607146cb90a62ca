// Prints openssl.txt: records sealed by sessions of OpenSSL. README.md says how to run it.

#include "printer.hpp"

#include <openssl/kdf.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace vectors;

namespace {

struct suite {
    const char* openssl;
    const char* cipher;
    std::size_t key_size, iv_size;
};

/// An end of a session in memory.
struct end {
    end(SSL_CTX* context, bool client)
        : ssl{SSL_new(context)}, in{BIO_new(BIO_s_mem())}, out{BIO_new(BIO_s_mem())}
    {
        BIO_set_mem_eof_return(in, -1);
        BIO_set_mem_eof_return(out, -1);
        SSL_set_bio(ssl, in, out);
        SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
        DTLS_set_link_mtu(ssl, 1400);
        client ? SSL_set_connect_state(ssl) : SSL_set_accept_state(ssl);
    }
    ~end() { SSL_free(ssl); }

    octets take()
    {
        char* data = nullptr;
        const auto size = BIO_get_mem_data(out, &data);
        const octets taken(data, data + size);
        BIO_reset(out);
        return taken;
    }

    SSL* ssl;
    BIO *in, *out;
};

/// Derives the key block of RFC 5246 6.3. With AEAD ciphers it holds the client's key, the server's key, the
/// client's IV and the server's IV.
octets key_block(SSL* ssl, std::size_t size)
{
    std::uint8_t master[48], client[32], server[32];
    SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof master);
    SSL_get_client_random(ssl, client, sizeof client);
    SSL_get_server_random(ssl, server, sizeof server);

    octets block(size);
    auto* const context = EVP_PKEY_CTX_new_id(EVP_PKEY_TLS1_PRF, nullptr);
    EVP_PKEY_derive_init(context);
    EVP_PKEY_CTX_set_tls1_prf_md(context, SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl)));
    EVP_PKEY_CTX_set1_tls1_prf_secret(context, master, sizeof master);
    EVP_PKEY_CTX_add1_tls1_prf_seed(context, reinterpret_cast<const std::uint8_t*>("key expansion"), 13);
    EVP_PKEY_CTX_add1_tls1_prf_seed(context, server, sizeof server);
    EVP_PKEY_CTX_add1_tls1_prf_seed(context, client, sizeof client);
    if (EVP_PKEY_derive(context, block.data(), &size) != 1) std::abort();
    EVP_PKEY_CTX_free(context);
    return block;
}

SSL_CTX* make_context(const char* suite)
{
    auto* const context = SSL_CTX_new(DTLS_method());
    SSL_CTX_set_security_level(context, 0);
    if (SSL_CTX_set_cipher_list(context, suite) != 1) std::abort();
    SSL_CTX_set_psk_client_callback(
        context, [](SSL*, const char*, char* identity, unsigned, std::uint8_t* key, unsigned) -> unsigned {
            std::strcpy(identity, "us");
            std::memcpy(key, psk, sizeof psk);
            return sizeof psk;
        });
    SSL_CTX_set_psk_server_callback(context, [](SSL*, const char*, std::uint8_t* key, unsigned) -> unsigned {
        std::memcpy(key, psk, sizeof psk);
        return sizeof psk;
    });
    return context;
}

std::string version() { return std::string{"OpenSSL "} + OpenSSL_version(OPENSSL_VERSION_STRING); }

void make(const suite& which)
{
    auto* const context = make_context(which.openssl);
    {
        end client{context, true}, server{context, false};
        int one = 0, other = 0;
        for (int i = 0; i < 100 && (one != 1 || other != 1); ++i) {
            one = SSL_do_handshake(client.ssl);
            const auto there = client.take();
            if (!there.empty()) BIO_write(server.in, there.data(), static_cast<int>(there.size()));
            other = SSL_do_handshake(server.ssl);
            const auto back = server.take();
            if (!back.empty()) BIO_write(client.in, back.data(), static_cast<int>(back.size()));
        }
        if (one != 1 || other != 1) std::abort();

        const auto block = key_block(client.ssl, 2 * (which.key_size + which.iv_size));
        const auto key = block.begin();
        const auto iv = key + static_cast<std::ptrdiff_t>(2 * which.key_size);
        print_keys(version(), which.cipher, {key, key + static_cast<std::ptrdiff_t>(which.key_size)},
                   {iv, iv + static_cast<std::ptrdiff_t>(which.iv_size)});
        for (const auto text : messages) {
            SSL_write(client.ssl, text.data(), static_cast<int>(text.size()));
            print_record(client.take(), text);
        }
        SSL_shutdown(client.ssl);
        print_record(client.take(), close_notify);
    }
    SSL_CTX_free(context);
}

}  // namespace

int main()
{
    print_title(version());
    for (const suite& each : {suite{"PSK-AES128-GCM-SHA256", "AES-128-GCM", 16, 4},
                              {"PSK-AES256-GCM-SHA384", "AES-256-GCM", 32, 4},
                              {"PSK-AES128-CCM", "AES-128-CCM", 16, 4},
                              {"PSK-AES256-CCM", "AES-256-CCM", 32, 4},
                              {"PSK-AES128-CCM8", "AES-128-CCM-8", 16, 4},
                              {"PSK-AES256-CCM8", "AES-256-CCM-8", 32, 4},
                              {"PSK-CHACHA20-POLY1305", "CHACHA20-POLY1305", 32, 12}})
        make(each);
}
