// Prints mbedtls.txt: records sealed by sessions of Mbed TLS. README.md says how to run it.

#include "printer.hpp"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/timing.h>
#include <mbedtls/version.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace vectors;

namespace {

struct suite {
    int mbedtls;
    const char* cipher;
};

struct random_source {
    random_source()
    {
        mbedtls_entropy_init(&entropy);
        mbedtls_ctr_drbg_init(&generator);
        if (mbedtls_ctr_drbg_seed(&generator, mbedtls_entropy_func, &entropy, nullptr, 0) != 0) std::abort();
    }
    ~random_source()
    {
        mbedtls_ctr_drbg_free(&generator);
        mbedtls_entropy_free(&entropy);
    }

    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context generator;
};

/// The client's keys, taken from the key block (RFC 5246 6.3).
struct keys {
    octets key, iv;
};

int keep_keys(void* to, const unsigned char*, const unsigned char* block, std::size_t mac, std::size_t key,
              std::size_t iv, const unsigned char*, const unsigned char*, mbedtls_tls_prf_types)
{
    const auto* const keys_begin = block + 2 * mac;
    const auto* const ivs_begin = keys_begin + 2 * key;
    *static_cast<keys*>(to) = {{keys_begin, keys_begin + key}, {ivs_begin, ivs_begin + iv}};
    return 0;
}

/// An end of a session in memory.
struct end {
    end(int side, const suite& which, random_source& random, keys& exported) : suites{which.mbedtls, 0}
    {
        mbedtls_ssl_init(&ssl);
        mbedtls_ssl_config_init(&config);
        mbedtls_ssl_config_defaults(&config, side, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT);
        mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random.generator);
        mbedtls_ssl_conf_ciphersuites(&config, suites);
        mbedtls_ssl_conf_dtls_cookies(&config, nullptr, nullptr, nullptr);
        mbedtls_ssl_conf_psk(&config, psk, sizeof psk, reinterpret_cast<const unsigned char*>("us"), 2);
        if (side == MBEDTLS_SSL_IS_CLIENT) mbedtls_ssl_conf_export_keys_ext_cb(&config, keep_keys, &exported);
        if (mbedtls_ssl_setup(&ssl, &config) != 0) std::abort();
        mbedtls_ssl_set_timer_cb(&ssl, &timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
        mbedtls_ssl_set_bio(
            &ssl, this,
            [](void* self, const unsigned char* data, std::size_t size) {
                static_cast<end*>(self)->datagrams.emplace_back().put(data, size);
                return static_cast<int>(size);
            },
            [](void* self, unsigned char* data, std::size_t size) {
                return static_cast<end*>(self)->receive(data, size);
            },
            nullptr);
    }
    ~end()
    {
        mbedtls_ssl_free(&ssl);
        mbedtls_ssl_config_free(&config);
    }

    int receive(unsigned char* data, std::size_t size)
    {
        if (other->datagrams.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
        const auto datagram = other->datagrams.front().take();
        other->datagrams.erase(other->datagrams.begin());
        std::memcpy(data, datagram.data(), std::min(size, datagram.size()));
        return static_cast<int>(datagram.size());
    }
    octets take_record() { return datagrams.empty() ? octets{} : datagrams.back().take(); }

    int suites[2];
    mbedtls_timing_delay_context timer{};
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    std::vector<wire> datagrams;
    end* other = nullptr;
};

std::string version()
{
    char text[18];
    mbedtls_version_get_string_full(text);
    return text;
}

void make(const suite& which, random_source& random)
{
    keys exported;
    end client{MBEDTLS_SSL_IS_CLIENT, which, random, exported};
    end server{MBEDTLS_SSL_IS_SERVER, which, random, exported};
    client.other = &server;
    server.other = &client;
    int one = -1, other = -1;
    for (int i = 0; i < 100 && (one != 0 || other != 0); ++i) {
        if (one != 0) one = mbedtls_ssl_handshake(&client.ssl);
        if (other != 0) other = mbedtls_ssl_handshake(&server.ssl);
    }
    if (one != 0 || other != 0) std::abort();

    print_keys(version(), which.cipher, exported.key, exported.iv);
    for (const auto text : messages) {
        client.datagrams.clear();
        (void)mbedtls_ssl_write(&client.ssl, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
        print_record(client.take_record(), text);
    }
    client.datagrams.clear();
    mbedtls_ssl_close_notify(&client.ssl);
    print_record(client.take_record(), close_notify);
}

}  // namespace

int main()
{
    print_title(version());
    random_source random;
    for (const suite& each : {suite{MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256, "AES-128-GCM"},
                              {MBEDTLS_TLS_PSK_WITH_AES_256_GCM_SHA384, "AES-256-GCM"},
                              {MBEDTLS_TLS_PSK_WITH_AES_128_CCM, "AES-128-CCM"},
                              {MBEDTLS_TLS_PSK_WITH_AES_256_CCM, "AES-256-CCM"},
                              {MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, "AES-128-CCM-8"},
                              {MBEDTLS_TLS_PSK_WITH_AES_256_CCM_8, "AES-256-CCM-8"},
                              {MBEDTLS_TLS_PSK_WITH_CHACHA20_POLY1305_SHA256, "CHACHA20-POLY1305"}})
        make(each, random);
}
