#include "tls/reseal.hpp"

#include "record/sealing.hpp"
#include "tls/cbc_reseal.hpp"
#include "tls/gnutls_aead.hpp"

#include <memory>
#include <new>

namespace quivive::tls {

namespace {

/// A Finished has 24 bytes. Data that overtook it is opened only to distinguish the two.
constexpr std::size_t largest_text = wire::max_record_payload;

/// A record of a handshake, opened with the keys of its direction. A record of the peer costs one pass over
/// its bytes. A record of this side may need trials with several ciphers, since GnuTLS does not report the
/// cipher before the peer's ChangeCipherSpec.
class opened_record {
public:
    opened_record(const record_state& state, const wire::record_view& record) : keys_{state.keys}
    {
        for (const auto cipher : record::all_ciphers)
            if (state.is_for(cipher) && open(cipher, record)) return;
    }
    [[nodiscard]] bool good() const noexcept { return content_.has_value(); }

    // Precondition of all following functions: the record has verified.
    [[nodiscard]] plain_record take() const
    {
        const auto text = wire::bytes{text_}.first(content_->size);
        return {content_->type, {text.begin(), text.end()}};
    }
    [[nodiscard]] std::size_t sealed_size(wire::bytes id) const noexcept
    {
        return content_->size + record::size_around(record::traits_of(cipher_), id);
    }
    /// Returns empty when the cipher has failed.
    [[nodiscard]] std::optional<std::vector<std::byte>> seal(std::uint64_t number, wire::bytes id) const
    {
        std::vector<std::byte> made(sealed_size(id));
        wire::secret_bytes scratch(record::scratch_size(content_->size, id));
        if (!record::seal({*aead_, record::traits_of(cipher_), keys_.iv()},
                          {content_->type, number, wire::bytes{text_}.first(content_->size)}, id, made,
                          scratch))
            return std::nullopt;
        return made;
    }

private:
    bool open(record::cipher cipher, const wire::record_view& record)
    {
        const auto traits = record::traits_of(cipher);
        const auto least = record::least_payload(traits, !record.connection_id.empty());
        if (record.payload.size() < least || record.payload.size() > largest_text) return false;
        cipher_ = cipher;
        aead_ = make_gnutls_aead(cipher, keys_.key(cipher));
        if (!aead_) return false;
        text_.resize(record.payload.size() - traits.overhead());
        content_ = record::open({*aead_, traits, keys_.iv()}, record, text_);
        return good();
    }

    record::direction_keys keys_;
    record::cipher cipher_{};
    std::unique_ptr<record::aead> aead_;
    wire::secret_bytes text_;
    std::optional<record::content> content_;
};

}  // namespace

std::optional<plain_record> open_record(gnutls_session_t session, const wire::record_view& record)
{
    const auto state = read_state(session, direction::read);
    if (!state) return std::nullopt;
    const opened_record opened{*state, record};
    return opened.good() ? std::optional{opened.take()} : std::nullopt;
}

bool reseal(gnutls_session_t session, std::span<std::byte> record, std::size_t id_size) noexcept
try {
    const auto view = wire::first_record(record, id_size);
    const auto state = read_state(session, direction::write);
    if (!view) return false;
    if (!state) return reseal_cbc(session, record);
    const opened_record opened{*state, *view};
    if (!opened.good() || opened.sealed_size(view->connection_id) != record.size()) return false;

    const auto number = take_number(session);
    const auto made = number ? opened.seal(*number, view->connection_id) : std::nullopt;
    if (made) wire::copy(*made, record);
    return made.has_value();
} catch (const std::bad_alloc&) {
    return false;
}

std::optional<std::vector<std::byte>> reframe(gnutls_session_t session, direction which,
                                              const wire::record_view& record, wire::bytes id)
{
    const auto state = read_state(session, which);
    if (!state) return std::nullopt;
    const opened_record opened{*state, record};
    return opened.good() ? opened.seal(record.number(), id) : std::nullopt;
}

}  // namespace quivive::tls
