#include "tls/cbc_reseal.hpp"

#include "tls/handles.hpp"
#include "tls/random.hpp"
#include "tls/record_state.hpp"
#include "wire/handshake.hpp"
#include "wire/record.hpp"
#include "wire/secret_bytes.hpp"

#include <gnutls/crypto.h>

#include <algorithm>
#include <array>
#include <vector>

namespace quivive::tls {

namespace {

using cbc_handle = handle<gnutls_cipher_hd_t, gnutls_cipher_deinit>;

constexpr std::array cbc_ciphers{GNUTLS_CIPHER_AES_128_CBC, GNUTLS_CIPHER_AES_256_CBC,
                                 GNUTLS_CIPHER_CAMELLIA_128_CBC, GNUTLS_CIPHER_CAMELLIA_256_CBC,
                                 GNUTLS_CIPHER_3DES_CBC};
constexpr std::array cbc_macs{GNUTLS_MAC_SHA1, GNUTLS_MAC_SHA256, GNUTLS_MAC_SHA384};

/// A record with one handshake message, opened and sealed in place.
class cbc_record {
public:
    cbc_record(std::span<std::byte> record, gnutls_cipher_algorithm_t cipher, gnutls_mac_algorithm_t mac,
               bool mac_is_outside, const raw_record_state& keys) noexcept
        : header_{record.first(wire::record_header_size)},
          mac_{mac},
          outside_{mac_is_outside},
          cipher_{cipher},
          keys_{keys}
    {
        const auto payload = record.subspan(header_.size());
        const auto block = gnutls_cipher_get_block_size(cipher);
        const auto tag = gnutls_hmac_get_len(mac);
        const auto outer = outside_ ? tag : 0;
        // At least one block, since the padding is never empty.
        if (payload.size() < 2 * block + outer || (payload.size() - outer) % block != 0) return;
        iv_ = payload.first(block);
        text_ = payload.subspan(block, payload.size() - outer - block);
        tag_ = payload.last(outer);
    }

    /// Decrypts the record in place. Returns false when other keys protect it.
    [[nodiscard]] bool open()
    {
        if (iv_.empty()) return false;
        if (outside_ && !std::ranges::equal(make_tag(sealed_part()), tag_)) return false;
        if (!crypt(gnutls_cipher_decrypt)) return false;
        const auto padding = std::to_integer<std::size_t>(text_.back()) + 1;
        const auto inner = outside_ ? 0 : gnutls_hmac_get_len(mac_);
        if (text_.size() < padding + inner) return false;
        content_ = text_.first(text_.size() - padding - inner);
        if (!outside_) tag_ = text_.subspan(content_.size(), inner);
        return (outside_ || std::ranges::equal(make_tag(content_), tag_)) && is_one_message();
    }

    /// Precondition: the record is open.
    [[nodiscard]] bool seal(std::uint64_t number)
    {
        wire::write_integer(header_.subspan(3, 8), number);
        fill_random(iv_);
        if (!outside_) std::ranges::copy(make_tag(content_), tag_.begin());
        if (!crypt(gnutls_cipher_encrypt)) return false;
        if (outside_) std::ranges::copy(make_tag(sealed_part()), tag_.begin());
        return true;
    }

private:
    [[nodiscard]] wire::bytes sealed_part() const { return {iv_.data(), iv_.size() + text_.size()}; }
    /// A MAC outside the encryption (encrypt-then-MAC) does not reveal the cipher.
    [[nodiscard]] bool is_one_message() const
    {
        wire::reader in{content_};
        return wire::read_handshake(in).whole() && in.ok() && in.done();
    }

    /// RFC 5246 6.2.3.1: the MAC also covers the number, type, version and length.
    [[nodiscard]] std::vector<std::byte> make_tag(wire::bytes of) const
    {
        wire::secret_bytes all(wire::record_header_size);
        std::ranges::copy(header_.subspan(3, 8), all.begin());
        std::ranges::copy(header_.first(3), all.begin() + 8);
        wire::write_integer(std::span{all}.last(2), of.size());
        all.insert(all.end(), of.begin(), of.end());
        std::vector<std::byte> made(gnutls_hmac_get_len(mac_));
        check(gnutls_hmac_fast(mac_, keys_.mac_key.data(), keys_.mac_key.size(), all.data(), all.size(),
                               made.data()),
              "gnutls_hmac_fast");
        return made;
    }

    template <typename Function>
    [[nodiscard]] bool crypt(Function function)
    {
        const auto key = as_datum(keys_.key), iv = as_datum(wire::bytes{iv_});
        const auto made =
            make_handle<cbc_handle>("gnutls_cipher_init", gnutls_cipher_init, cipher_, &key, &iv);
        return function(made.get(), text_.data(), text_.size()) == 0;
    }

    std::span<std::byte> header_, iv_, text_, content_, tag_;
    gnutls_mac_algorithm_t mac_;
    bool outside_;
    gnutls_cipher_algorithm_t cipher_;
    const raw_record_state& keys_;
};

}  // namespace

bool reseal_cbc(gnutls_session_t session, std::span<std::byte> record) noexcept
try {
    const auto state = read_raw_state(session, direction::write);
    if (!state || state->mac_key.empty() || record.size() < wire::record_header_size) return false;
    const bool mac_is_outside = gnutls_session_etm_status(session) != 0;
    // GnuTLS does not report the cipher while it awaits the peer's Finished.
    for (const auto cipher : cbc_ciphers)
        for (const auto mac : cbc_macs) {
            if (gnutls_cipher_get_key_size(cipher) != state->key.size() ||
                gnutls_hmac_get_len(mac) != state->mac_key.size())
                continue;
            wire::secret_bytes copy(record.begin(), record.end());
            cbc_record parts{copy, cipher, mac, mac_is_outside, *state};
            if (!parts.open()) continue;
            const auto number = take_number(session);
            if (!number || !parts.seal(*number)) return false;
            std::ranges::copy(copy, record.begin());
            return true;
        }
    return false;
} catch (const std::exception&) {
    return false;
}

}  // namespace quivive::tls
