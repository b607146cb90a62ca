#include "tls/gnutls_aead.hpp"

#include "tls/cipher_map.hpp"
#include "tls/handles.hpp"

#include <gnutls/crypto.h>

#include <new>

namespace quivive::tls {

namespace {

using cipher_handle = handle<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>;

class gnutls_aead final : public record::aead {
public:
    gnutls_aead(cipher_handle made, std::size_t tag_size) noexcept : cipher_{std::move(made)}, tag_{tag_size}
    {
    }

    bool seal(const record::nonce& unique, wire::bytes additional, wire::bytes plaintext,
              std::span<std::byte> sealed) noexcept override
    {
        auto size = sealed.size();
        return gnutls_aead_cipher_encrypt(cipher_.get(), unique.data(), unique.size(), additional.data(),
                                          additional.size(), tag_, plaintext.data(), plaintext.size(),
                                          sealed.data(), &size) == 0 &&
               size == sealed.size();
    }

    bool open(const record::nonce& unique, wire::bytes additional, wire::bytes sealed,
              std::span<std::byte> plaintext) noexcept override
    {
        auto size = plaintext.size();
        const bool good =
            gnutls_aead_cipher_decrypt(cipher_.get(), unique.data(), unique.size(), additional.data(),
                                       additional.size(), tag_, sealed.data(), sealed.size(),
                                       plaintext.data(), &size) == 0 &&
            size == plaintext.size();
        // GnuTLS decrypts before it compares the tags.
        if (!good) gnutls_memset(plaintext.data(), 0, plaintext.size());
        return good;
    }

private:
    cipher_handle cipher_;
    std::size_t tag_;
};

}  // namespace

std::unique_ptr<record::aead> make_gnutls_aead(record::cipher which, wire::bytes key) noexcept
try {
    const auto as_gnutls_has_it = as_datum(key);
    gnutls_aead_cipher_hd_t made = nullptr;
    if (gnutls_aead_cipher_init(&made, algorithm_of(which), &as_gnutls_has_it) != 0) return nullptr;
    return std::make_unique<gnutls_aead>(cipher_handle{made}, record::traits_of(which).tag_size);
} catch (const std::bad_alloc&) {
    return nullptr;
}

}  // namespace quivive::tls
