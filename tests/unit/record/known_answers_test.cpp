// Records that other implementations have sealed (vectors/README.md).

#include "addressee.hpp"
#include "support/catch.hpp"
#include "tls/gnutls_aead.hpp"

using namespace quivive;
using namespace quivive::test;
using record::opened_kind;
using wire::content_type;

namespace {

std::vector<known_answer> all_answers()
{
    std::vector<known_answer> all;
    for (const auto* const each : {"gnutls", "openssl", "mbedtls"}) {
        const auto of_one = answers_of(each);
        all.insert(all.end(), of_one.begin(), of_one.end());
    }
    return all;
}

void check_opens(addressee& one, const known_answer& answer)
{
    const auto opened = one.open(wire::first_record(answer.record).value());
    if (answer.type == content_type::alert) {
        CHECK(opened.kind == opened_kind::close_notify);
        return;
    }
    REQUIRE(opened.kind == opened_kind::message);
    CHECK(std::ranges::equal(wire::bytes{one.plaintext}.first(opened.size), answer.plaintext));
}

octets seal_again(const known_answer& answer)
{
    addressee one{answer};
    if (answer.type == content_type::alert)
        one.protection.send_alert(record::alert::close_notify, {}, one.out);
    else
        CHECK(one.protection.seal(answer.plaintext, {}, one.out) == record::sealed::sent);
    REQUIRE(one.out.datagrams.size() == 1);
    return one.out.datagrams.front();
}

}  // namespace

TEST_CASE("Known answers: messages and an alert with each cipher and from each implementation")
{
    for (const auto* const implementation : {"gnutls", "openssl", "mbedtls"}) {
        const auto answers = answers_of(implementation);
        for (const auto cipher : record::all_ciphers) {
            CAPTURE(implementation, static_cast<int>(cipher));
            const auto count = [&](content_type type) {
                return std::ranges::count_if(
                    answers, [&](const auto& each) { return each.cipher == cipher && each.type == type; });
            };
            CHECK(count(content_type::application_data) >= 2);
            CHECK(count(content_type::alert) == 1);
        }
    }
    CHECK(std::ranges::any_of(all_answers(), [](const auto& each) {
        return each.plaintext.empty() && each.type == content_type::application_data;
    }));
}

TEST_CASE("Known answers: what GnuTLS and OpenSSL and Mbed TLS have sealed is opened")
{
    for (const auto& answer : all_answers()) {
        INFO(name_of(answer));
        addressee one{answer};
        check_opens(one, answer);
    }
}

TEST_CASE("Known answers: the same message under the same number is sealed to the same bytes")
{
    std::size_t same = 0;
    for (const auto& answer : all_answers()) {
        if (!answer.nonce_is_the_number()) continue;
        INFO(name_of(answer));
        CHECK(seal_again(answer) == answer.record);
        ++same;
    }
    CHECK(same > 0);
}

TEST_CASE(
    "RFC 5288 3: explicit nonces may be any: OpenSSL's AES-GCM is sealed to the same bytes under its own")
{
    std::size_t same = 0;
    for (const auto& answer : all_answers()) {
        if (answer.nonce_is_the_number()) continue;
        INFO(name_of(answer));
        const auto traits = record::traits_of(answer.cipher);
        record::nonce unique{};  // RFC 5288 3: the IV, then the explicit part
        std::ranges::copy(answer.iv, unique.begin());
        std::ranges::copy(answer.explicit_nonce(), unique.begin() + 4);
        // RFC 5246 6.2.3.3: number, type, version, length.
        octets additional{answer.record.begin() + 3, answer.record.begin() + 11};
        additional.insert(additional.end(), answer.record.begin(), answer.record.begin() + 3);
        additional.resize(13);
        wire::write_integer(std::span{additional}.last<2>(), answer.plaintext.size());
        octets sealed(answer.plaintext.size() + traits.tag_size);
        const auto cipher = tls::make_gnutls_aead(answer.cipher, answer.key);
        REQUIRE(cipher);
        CHECK(cipher->seal(unique, additional, answer.plaintext, sealed));
        CHECK(std::ranges::equal(sealed, wire::bytes{answer.record}.subspan(13 + traits.explicit_nonce)));
        ++same;
    }
    CHECK(same > 0);
}

TEST_CASE(
    "Known answers: with one bit changed they are refused and leave nothing, the original is still good")
{
    for (const auto& answer : all_answers()) {
        INFO(name_of(answer));
        addressee one{answer};
        for (std::size_t bit = 0; bit < 8 * answer.record.size(); ++bit) {
            auto changed = answer.record;
            changed[bit / 8] ^= std::byte{1} << bit % 8;
            const auto record = wire::first_record(changed);
            if (!record) continue;  // a version or a length that no record has
            CAPTURE(bit / 8, bit % 8);
            const auto opened = one.open(*record);
            CHECK(opened.kind == opened_kind::discarded);
            CHECK(one.nothing_left());
            // Sequence number; nonce, ciphertext and tag.
            if ((bit >= 40 && bit < 88) || bit >= 104) CHECK(opened.reason == drop_reason::bad_record_mac);
        }
        check_opens(one, answer);
    }
}

TEST_CASE("Known answers: cut short they are refused and leave nothing, the original is still good")
{
    for (const auto& answer : all_answers()) {
        INFO(name_of(answer));
        addressee one{answer};
        for (std::size_t size = 0; size < answer.record.size() - 13; ++size) {
            octets cut(answer.record.begin(), answer.record.begin() + 13 + static_cast<std::ptrdiff_t>(size));
            wire::write_integer(std::span{cut}.subspan(11, 2), size);
            CAPTURE(size);
            CHECK(one.open(wire::first_record(cut).value()).reason == (size < one.protection.min_payload()
                                                                           ? drop_reason::short_record
                                                                           : drop_reason::bad_record_mac));
            CHECK(one.nothing_left());
        }
        check_opens(one, answer);
    }
}

TEST_CASE("Known answers: under another key or IV they are refused")
{
    const bool of_the_key = GENERATE(true, false);
    for (auto answer : all_answers()) {
        INFO(name_of(answer));
        auto& changed = of_the_key ? answer.key : answer.iv;
        changed.back() ^= std::byte{1};
        addressee one{answer};
        CHECK(one.open(wire::first_record(answer.record).value()).reason == drop_reason::bad_record_mac);
        CHECK(one.nothing_left());
    }
}
