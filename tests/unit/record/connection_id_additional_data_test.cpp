// A second implementation of the additional data of RFC 9146 5.3 and of the nonces of RFC 5288 3, RFC 6655 3
// and RFC 7905 2, written from their text alone. It uses code of src/record for comparison only.

#include "record/sealing.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>

using namespace quivive;
using namespace quivive::test;
using wire::content_type;

namespace {

void append(octets& to, std::uint64_t value, unsigned width)
{
    while (width-- > 0) to.push_back(static_cast<std::byte>(value >> 8 * width & 0xff));
}

octets additional_data_of_rfc_9146(const octets& cid, std::uint64_t epoch, std::uint64_t sequence_number,
                                   std::size_t length_of_inner_plaintext)
{
    octets data;
    append(data, 0xffffffffffffffff, 8);  // seq_num_placeholder
    append(data, 25, 1);                  // tls12_cid
    append(data, cid.size(), 1);          // cid_length
    append(data, 25, 1);                  // tls12_cid
    append(data, 0xfefd, 2);              // DTLSCiphertext.version
    append(data, epoch, 2);
    append(data, sequence_number, 6);
    data.insert(data.end(), cid.begin(), cid.end());
    append(data, length_of_inner_plaintext, 2);
    return data;
}

record::nonce nonce_by_hand(record::cipher which, const octets& iv, std::uint64_t number)
{
    octets eight;
    append(eight, number, 8);
    record::nonce made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (which == record::cipher::chacha20_poly1305)
            made[i] = i < 4 ? iv[i] : iv[i] ^ eight[i - 4];
        else
            made[i] = i < 4 ? iv[i] : eight[i - 4];
    }
    return made;
}

struct by_hand {
    record::cipher which;
    octets id;
    octets key = counting(record::traits_of(which).key_size, 0x11);
    octets iv = counting(which == record::cipher::chacha20_poly1305 ? 12 : 4, 0xa0);
    std::size_t tag =
        which == record::cipher::aes_128_ccm_8 || which == record::cipher::aes_256_ccm_8 ? 8 : 16;
    bool nonce_in_record = which != record::cipher::chacha20_poly1305;
    std::unique_ptr<record::aead> cipher = tls::make_gnutls_aead(which, key);

    [[nodiscard]] std::size_t header_size() const { return 13 + id.size() + (nonce_in_record ? 8U : 0U); }

    octets seal(const octets& inner, std::uint64_t sequence) const
    {
        octets record;
        append(record, 25, 1);
        append(record, 0xfefd, 2);
        append(record, 1, 2);
        append(record, sequence, 6);
        record.insert(record.end(), id.begin(), id.end());
        append(record, (nonce_in_record ? 8U : 0U) + inner.size() + tag, 2);
        const auto number = std::uint64_t{1} << 48 | sequence;
        if (nonce_in_record) append(record, number, 8);
        octets text(inner.size() + tag);
        CHECK(cipher->seal(nonce_by_hand(which, iv, number),
                           additional_data_of_rfc_9146(id, 1, sequence, inner.size()), inner, text));
        record.insert(record.end(), text.begin(), text.end());
        return record;
    }
    octets open(const octets& record, std::uint64_t sequence) const
    {
        octets inner(record.size() - header_size() - tag);
        const auto additional = additional_data_of_rfc_9146(id, 1, sequence, inner.size());
        CHECK(cipher->open(nonce_by_hand(which, iv, std::uint64_t{1} << 48 | sequence), additional,
                           wire::bytes{record}.subspan(header_size()), inner));
        return inner;
    }
};

}  // namespace

TEST_CASE("RFC 9146 5.3: sealed records open with independently written additional data, and vice versa")
{
    const auto which = GENERATE(from_range(record::all_ciphers));
    const auto id_size = GENERATE(as<std::size_t>{}, 1, 8, 16, 20, 32);
    CAPTURE(static_cast<int>(which), id_size);
    const by_hand hand{which, counting(id_size, 0x51)};
    record::nonce iv{};
    std::ranges::copy(hand.iv, iv.begin());
    const record::protector by{*hand.cipher, record::traits_of(which), iv};
    std::uint64_t sequence = 0xfffefdfcfb00;
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 15, 16, 255, 256, 1'200, 16'384}) {
        CAPTURE(size, ++sequence);
        const auto text = counting(size, 3);
        octets record(size + record::size_around(by.traits, hand.id));
        octets scratch(record::scratch_size(size, hand.id));
        CHECK(record::seal(by, {content_type::application_data, std::uint64_t{1} << 48 | sequence, text},
                           hand.id, record, scratch));
        auto inner = text;
        inner.push_back(std::byte{23});
        CHECK(hand.open(record, sequence) == inner);
        CHECK(hand.seal(inner, sequence) == record);

        inner.resize(inner.size() + size % 7);  // padding
        const auto sealed = hand.seal(inner, sequence);
        octets opened(inner.size());
        const auto content = record::open(by, wire::first_record(sealed, id_size).value(), opened);
        REQUIRE(content);
        CHECK(content->type == content_type::application_data);
        CHECK(std::ranges::equal(wire::bytes{opened}.first(content->size), text));
    }
}
