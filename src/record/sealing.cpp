#include "record/sealing.hpp"

namespace quivive::record {

namespace {

using wire::content_type;

/// Builds the nonce. RFC 5288 3 and RFC 6655 3: the IV followed by the 8 bytes of the explicit nonce. RFC
/// 7905 2: the IV XOR epoch and sequence number. `unique` is the explicit nonce or epoch and sequence number.
nonce make_nonce(const protector& by, wire::bytes unique) noexcept
{
    nonce made = by.iv;
    for (std::size_t i = 0; i < unique.size(); ++i)
        made[4 + i] = by.traits.explicit_nonce > 0 ? unique[i] : made[4 + i] ^ unique[i];
    return made;
}

/// Additional data of the AEAD cipher.
class additional_data {
public:
    /// `text_size`: bytes of the plaintext, or of DTLSInnerPlaintext in a tls12_cid record.
    additional_data(wire::bytes header, std::size_t text_size) noexcept
    {
        const auto type_and_version = header.first(3), number = header.subspan(3, 8);
        if (static_cast<content_type>(header[0]) == content_type::tls12_cid) {
            // RFC 9146 5.3. The placeholder distinguishes it from the additional data of other records.
            const auto id = header.subspan(11, header.size() - wire::record_header_size);
            for (std::size_t i = 0; i < 8; ++i) add(std::byte{0xff});
            add(header[0]);
            add(static_cast<std::byte>(id.size()));
            add(type_and_version);
            add(number);
            add(id);
        } else {  // RFC 5246 6.2.3.3
            add(number);
            add(type_and_version);
        }
        add(static_cast<std::byte>(text_size >> 8));
        add(static_cast<std::byte>(text_size));
    }

    [[nodiscard]] wire::bytes bytes() const noexcept { return wire::bytes{data_}.first(size_); }

private:
    void add(std::byte one) noexcept { data_[size_++] = one; }
    void add(wire::bytes many) noexcept
    {
        for (const auto one : many) add(one);
    }

    std::array<std::byte, 8 + 2 + 3 + 8 + 255 + 2> data_;
    std::size_t size_ = 0;
};

void write_header(std::span<std::byte> out, const unsealed& what, wire::bytes id,
                  std::size_t payload) noexcept
{
    out[0] = static_cast<std::byte>(id.empty() ? what.type : content_type::tls12_cid);
    wire::write_integer(out.subspan(1, 2), wire::dtls_1_2);
    wire::write_integer(out.subspan(3, 8), what.number);
    wire::copy(id, out.subspan(11));
    wire::write_integer(out.last(2), payload);
}

/// Writes DTLSInnerPlaintext: the text and its real type, without padding.
wire::bytes inner_form(const unsealed& what, std::span<std::byte> out) noexcept
{
    wire::copy(what.text, out);
    out[what.text.size()] = static_cast<std::byte>(what.type);
    return out.first(what.text.size() + 1);
}

/// Reads DTLSInnerPlaintext: the real type is the last byte before the zeros of the padding (RFC 9146 4).
content read_inner_form(wire::bytes inner) noexcept
{
    auto size = inner.size();
    while (size > 0 && inner[size - 1] == std::byte{0}) --size;
    if (size == 0) return {};  // no type
    return {static_cast<content_type>(inner[size - 1]), size - 1};
}

}  // namespace

std::size_t size_around(const cipher_traits& traits, wire::bytes id) noexcept
{
    return wire::record_header_size + id.size() + least_payload(traits, !id.empty());
}

bool seal(const protector& by, const unsealed& what, wire::bytes id, std::span<std::byte> record,
          std::span<std::byte> scratch) noexcept
{
    const auto header = record.first(wire::record_header_size + id.size());
    const auto payload = record.subspan(header.size());
    write_header(header, what, id, payload.size());
    const auto explicit_part = payload.first(by.traits.explicit_nonce);
    if (!explicit_part.empty()) wire::write_integer(explicit_part, what.number);

    const auto text = id.empty() ? what.text : inner_form(what, scratch);
    const auto unique = explicit_part.empty() ? header.subspan(3, 8) : explicit_part;
    return by.cipher.seal(make_nonce(by, unique), additional_data{header, text.size()}.bytes(), text,
                          payload.subspan(explicit_part.size()));
}

std::optional<content> open(const protector& by, const wire::record_view& record,
                            std::span<std::byte> text) noexcept
{
    const auto header = record.header();
    const auto explicit_part = record.payload.first(by.traits.explicit_nonce);
    const auto unique = explicit_part.empty() ? header.subspan(3, 8) : explicit_part;
    if (!by.cipher.open(make_nonce(by, unique), additional_data{header, text.size()}.bytes(),
                        record.payload.subspan(explicit_part.size()), text))
        return std::nullopt;
    if (record.is(content_type::tls12_cid)) return read_inner_form(text);
    return content{record.type, text.size()};
}

}  // namespace quivive::record
