#include "tls/reseal.hpp"

#include "record/aead_inputs.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/record_state.hpp"

#include <algorithm>
#include <array>

namespace quivive::tls {

namespace {

/// One of our records, taken apart and put together again with one cipher.
class resealer {
public:
    resealer(record::cipher which, const record_state& state, std::span<std::byte> record) noexcept
        : traits_{record::traits_of(which)},
          iv_{state.keys.iv()},
          record_{record},
          cipher_{make_gnutls_aead(which, state.keys.key(which))}
    {
    }

    /// False: not the right cipher, or not our record.
    bool open() noexcept
    {
        const auto around = wire::record_header_size + traits_.overhead();
        if (!cipher_ || record_.size() < around || record_.size() - around > memory_.size()) return false;
        plaintext_ = std::span{memory_}.first(record_.size() - around);
        return cipher_->open(nonce(), additional(), sealed(), plaintext_);
    }

    /// Precondition: it was opened.
    bool seal(std::uint64_t number) noexcept
    {
        wire::write_integer(record_.subspan(number_at, number_size), number);
        if (traits_.explicit_nonce > 0) wire::write_integer(unique(), number);
        return cipher_->seal(nonce(), additional(), plaintext_, sealed());
    }

private:
    static constexpr std::size_t number_at = 3, number_size = 8;

    [[nodiscard]] std::span<std::byte> unique() const noexcept
    {
        return record_.subspan(traits_.explicit_nonce > 0 ? wire::record_header_size : number_at,
                               number_size);
    }
    [[nodiscard]] std::span<std::byte> sealed() const noexcept
    {
        return record_.subspan(wire::record_header_size + traits_.explicit_nonce);
    }
    [[nodiscard]] record::nonce nonce() const noexcept { return record::make_nonce(traits_, iv_, unique()); }
    [[nodiscard]] std::array<std::byte, 13> additional() const noexcept
    {
        return record::make_additional(record_, plaintext_.size());
    }

    record::cipher_traits traits_;
    record::nonce iv_;
    std::span<std::byte> record_;
    std::unique_ptr<record::aead> cipher_;
    std::array<std::byte, 512> memory_{};  // a Finished has 24 bytes
    std::span<std::byte> plaintext_;
};

}  // namespace

bool reseal(gnutls_session_t session, std::span<std::byte> record) noexcept
{
    // Which cipher the keys are for GnuTLS does not tell while the peer's Finished is awaited.
    const auto state = read_state(session, direction::write);
    if (!state) return false;
    for (const auto cipher : record::all_ciphers) {
        if (!state->is_for(cipher)) continue;
        resealer work{cipher, *state, record};
        if (!work.open()) continue;

        // GnuTLS goes on after the number that is used here: none is ever used twice.
        std::array<std::byte, 8> next;
        wire::write_integer(next, state->next + 1);
        const auto* const as_gnutls_has_it = reinterpret_cast<const unsigned char*>(next.data());
        return gnutls_record_set_state(session, 0, as_gnutls_has_it) == 0 && work.seal(state->next);
    }
    return false;
}

}  // namespace quivive::tls
