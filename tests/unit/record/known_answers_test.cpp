// Records that other implementations sealed (vectors/README.md).

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

TEST_CASE("Known answers: each implementation has messages and an alert of each cipher")
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

TEST_CASE("Known answers: records of GnuTLS, OpenSSL and Mbed TLS are opened")
{
    for (const auto& answer : all_answers()) {
        INFO(name_of(answer));
        addressee one{answer};
        check_opens(one, answer);
    }
}

TEST_CASE("Known answers: sealing the same message under the same number gives the same bytes")
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

TEST_CASE("RFC 5288 3: with the explicit nonces of OpenSSL's AES-GCM, sealing gives the same bytes")
{
    std::size_t same = 0;
    for (const auto& answer : all_answers()) {
        if (answer.nonce_is_the_number()) continue;
        INFO(name_of(answer));
        const auto traits = record::traits_of(answer.cipher);
        record::nonce unique{};  // RFC 5288 3: the IV followed by the explicit part
        std::ranges::copy(answer.iv, unique.begin());
        std::ranges::copy(answer.explicit_nonce(), unique.begin() + 4);
        // RFC 5246 6.2.3.3: number, type, version and length.
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
    "Known answers: a record with a changed bit is refused without output, and the original still opens")
{
    for (const auto& answer : all_answers()) {
        INFO(name_of(answer));
        addressee one{answer};
        for (std::size_t bit = 0; bit < 8 * answer.record.size(); ++bit) {
            auto changed = answer.record;
            changed[bit / 8] ^= std::byte{1} << bit % 8;
            const auto record = wire::first_record(changed);
            if (!record) continue;  // no record has such a version or length
            CAPTURE(bit / 8, bit % 8);
            const auto opened = one.open(*record);
            CHECK(opened.kind == opened_kind::discarded);
            CHECK(one.nothing_left());
            // The sequence number, or the nonce, ciphertext and tag.
            if ((bit >= 40 && bit < 88) || bit >= 104) CHECK(opened.reason == drop_reason::bad_record_mac);
        }
        check_opens(one, answer);
    }
}

TEST_CASE("Known answers: a truncated record is refused without output, and the original still opens")
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

TEST_CASE("Known answers: a record is refused with another key or IV")
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
