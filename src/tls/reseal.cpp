#include "tls/reseal.hpp"

#include "tls/handles.hpp"
#include "wire/record.hpp"

#include <gnutls/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace quivive::tls {

namespace {

constexpr std::size_t explicit_nonce_size = 8;
constexpr std::size_t sequence_at = 3;  // epoch and sequence number, 8 bytes

using cipher_handle = handle<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>;

/// The AEAD ciphers of DTLS 1.2 suites.
constexpr std::array ciphers{
    GNUTLS_CIPHER_AES_128_GCM,   GNUTLS_CIPHER_AES_256_GCM, GNUTLS_CIPHER_CHACHA20_POLY1305,
    GNUTLS_CIPHER_AES_128_CCM,   GNUTLS_CIPHER_AES_256_CCM, GNUTLS_CIPHER_AES_128_CCM_8,
    GNUTLS_CIPHER_AES_256_CCM_8,
};

/// The session's write keys, as they are now. Which cipher they are for GnuTLS does not tell while the peer's
/// Finished is awaited.
struct write_state {
    gnutls_datum_t iv{}, key{};
    std::array<unsigned char, 8> sequence{};

    bool read(gnutls_session_t session) noexcept
    {
        gnutls_datum_t mac{};
        return gnutls_record_get_state(session, 0, &mac, &iv, &key, sequence.data()) == 0;
    }
    [[nodiscard]] bool implicit_nonce() const noexcept { return iv.size == 12; }
};

using nonce = std::array<std::byte, 12>;

/// RFC 5288 and 6655: the IV and the explicit part. RFC 7905: the IV XOR the sequence number.
nonce make_nonce(const write_state& state, wire::bytes explicit_part) noexcept
{
    nonce result{};
    std::ranges::copy(std::as_bytes(std::span{state.iv.data, std::min(state.iv.size, 12U)}), result.begin());
    for (std::size_t i = 0; i < explicit_nonce_size; ++i)
        result[4 + i] = state.implicit_nonce() ? result[4 + i] ^ explicit_part[i] : explicit_part[i];
    return result;
}

/// RFC 5246 6.2.3.3: sequence number with epoch, type, version, length of the plaintext.
std::array<std::byte, 13> make_additional_data(wire::bytes record, std::size_t plaintext_size) noexcept
{
    std::array<std::byte, 13> data;
    std::ranges::copy(record.subspan(sequence_at, 8), data.begin());
    std::ranges::copy(record.first(3), data.begin() + 8);
    wire::write_integer(std::span{data}.subspan<11, 2>(), plaintext_size);
    return data;
}

/// One record, taken apart and put together again with one cipher.
class resealer {
public:
    resealer(const write_state& state, gnutls_cipher_algorithm_t cipher, std::span<std::byte> record) noexcept
        : state_{state},
          tag_{gnutls_cipher_get_tag_size(cipher)},
          record_{record},
          protected_{record.subspan(prefix(state))}
    {
        gnutls_aead_cipher_hd_t made = nullptr;
        if (gnutls_aead_cipher_init(&made, cipher, &state.key) == 0) cipher_.reset(made);
    }

    [[nodiscard]] static std::size_t prefix(const write_state& state) noexcept
    {
        return wire::record_header_size + (state.implicit_nonce() ? 0 : explicit_nonce_size);
    }

    /// False: not the right cipher, or not our record.
    bool open() noexcept
    {
        if (!cipher_ || protected_.size() < tag_ || protected_.size() > plaintext_.size()) return false;
        size_ = plaintext_.size();
        const auto unique = make_nonce(state_, explicit_part());
        const auto additional = make_additional_data(record_, protected_.size() - tag_);
        return gnutls_aead_cipher_decrypt(cipher_.get(), unique.data(), unique.size(), additional.data(),
                                          additional.size(), tag_, protected_.data(), protected_.size(),
                                          plaintext_.data(), &size_) == 0;
    }

    bool seal(wire::bytes number) noexcept
    {
        std::ranges::copy(number, record_.begin() + sequence_at);
        if (!state_.implicit_nonce())
            std::ranges::copy(number,
                              record_.begin() + static_cast<std::ptrdiff_t>(wire::record_header_size));
        const auto unique = make_nonce(state_, explicit_part());
        const auto additional = make_additional_data(record_, size_);
        auto sealed = protected_.size();
        return gnutls_aead_cipher_encrypt(cipher_.get(), unique.data(), unique.size(), additional.data(),
                                          additional.size(), tag_, plaintext_.data(), size_,
                                          protected_.data(), &sealed) == 0;
    }

private:
    [[nodiscard]] wire::bytes explicit_part() const noexcept
    {
        return record_.subspan(state_.implicit_nonce() ? sequence_at : wire::record_header_size,
                               explicit_nonce_size);
    }

    const write_state& state_;
    std::size_t tag_;
    std::span<std::byte> record_, protected_;
    cipher_handle cipher_;
    std::array<std::byte, 512> plaintext_{};  // a Finished has 24 bytes
    std::size_t size_ = 0;
};

}  // namespace

bool reseal(gnutls_session_t session, std::span<std::byte> record) noexcept
{
    write_state state;
    if (!state.read(session) || record.size() < resealer::prefix(state)) return false;
    for (const auto cipher : ciphers) {
        if (gnutls_cipher_get_key_size(cipher) != state.key.size) continue;
        if ((cipher == GNUTLS_CIPHER_CHACHA20_POLY1305) != state.implicit_nonce()) continue;
        resealer work{state, cipher, record};
        if (!work.open()) continue;

        // GnuTLS goes on after the number that is used here: none is ever used twice.
        const auto number = std::as_bytes(std::span{state.sequence});
        std::array<std::byte, 8> next;
        wire::write_integer(next, wire::reader{number}.integer(8) + 1);
        return gnutls_record_set_state(session, 0, reinterpret_cast<const unsigned char*>(next.data())) ==
                   0 &&
               work.seal(number);
    }
    return false;
}

}  // namespace quivive::tls
