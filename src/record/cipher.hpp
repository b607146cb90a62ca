#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quivive::record {

/// The AEAD ciphers of DTLS 1.2 suites: RFC 5288, RFC 6655 and 7251, RFC 7905.
enum class cipher : std::uint8_t {
    aes_128_gcm,
    aes_256_gcm,
    aes_128_ccm,
    aes_256_ccm,
    aes_128_ccm_8,
    aes_256_ccm_8,
    chacha20_poly1305,
};

inline constexpr std::array all_ciphers{
    cipher::aes_128_gcm,   cipher::aes_256_gcm,   cipher::aes_128_ccm,       cipher::aes_256_ccm,
    cipher::aes_128_ccm_8, cipher::aes_256_ccm_8, cipher::chacha20_poly1305,
};

struct cipher_traits {
    std::size_t key_size;
    std::size_t tag_size;
    std::size_t iv_size;         ///< bytes of the nonce that come from the key block
    std::size_t explicit_nonce;  ///< bytes of the nonce that each record carries

    /// Blocks of 16 bytes that one key may protect. AES-GCM: 2^24.5 full records of 2^10 blocks (RFC 8446
    /// 5.5). CCM: 2^23 such records (RFC 9147 4.5.3). ChaCha20: limited by the sequence number only.
    std::uint64_t max_blocks;
    /// Records that may fail to verify before a forgery becomes likely (RFC 9147 4.5.3). For CCM_8 the RFC's
    /// rule gives no useful limit: 128 forged datagrams would let anyone end a session. Here a session ends
    /// when the probability of a forgery reaches 2^-32.
    std::uint64_t max_forgeries;

    /// Bytes of a record besides its header and plaintext.
    [[nodiscard]] constexpr std::size_t overhead() const noexcept { return explicit_nonce + tag_size; }
};

[[nodiscard]] constexpr cipher_traits traits_of(cipher which) noexcept
{
    constexpr auto power = [](unsigned n) { return std::uint64_t{1} << n; };
    constexpr std::uint64_t gcm_blocks = 24'296'004'000;  // 2^34.5
    constexpr std::uint64_t ccm_forgeries = 11'863'283;   // 2^23.5
    switch (which) {
        case cipher::aes_128_gcm:
            return {16, 16, 4, 8, gcm_blocks, power(36)};
        case cipher::aes_256_gcm:
            return {32, 16, 4, 8, gcm_blocks, power(36)};
        case cipher::aes_128_ccm:
            return {16, 16, 4, 8, power(33), ccm_forgeries};
        case cipher::aes_256_ccm:
            return {32, 16, 4, 8, power(33), ccm_forgeries};
        case cipher::aes_128_ccm_8:
            return {16, 8, 4, 8, power(33), power(32)};
        case cipher::aes_256_ccm_8:
            return {32, 8, 4, 8, power(33), power(32)};
        case cipher::chacha20_poly1305:
            break;
    }
    return {32, 16, 12, 0, ~std::uint64_t{0}, power(36)};
}

}  // namespace quivive::record
