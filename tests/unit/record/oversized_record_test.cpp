// The limit of a record's plaintext.

#include "detached_end.hpp"

using namespace quivive;
using record::cipher;
using record::opened_kind;
using test::octets;
using wire::content_type;

TEST_CASE("RFC 5246 6.2.1: a record of more than 2^14 bytes of plaintext is dropped without decryption")
{
    test::detached_end one{GENERATE(cipher::aes_128_gcm, cipher::aes_128_ccm_8, cipher::chacha20_poly1305)};
    const auto too_long = one.from_peer(content_type::application_data, octets(16'385, std::byte{'x'}), 1);
    const auto opened = one.open(too_long);
    CHECK(opened.kind == opened_kind::discarded);
    CHECK(opened.reason == drop_reason::oversized_plaintext);
    CHECK_FALSE(one.protection.verifies(wire::first_record(too_long).value(), one.plaintext));
    CHECK(one.calls.opens.empty());

    // The window is unchanged: the number is still accepted.
    const auto longest =
        one.open(one.from_peer(content_type::application_data, octets(16'384, std::byte{'x'}), 1));
    CHECK(longest.kind == opened_kind::message);
    CHECK(longest.size == 16'384);
}

TEST_CASE("RFC 9146 4: with an id, text, type and padding have at most 2^14 + 1 bytes together")
{
    auto ids = std::make_unique<record::connection_ids>();
    ids->own = wire::own_connection_id{octets(8, std::byte{1})};
    test::detached_end one{test::detached_end{cipher::aes_128_gcm}.keys, std::move(ids)};
    std::uint64_t sequence = 1;
    const auto open = [&](std::size_t text, std::size_t padding) {
        octets inner(text, std::byte{'x'});
        inner.push_back(std::byte{23});
        inner.resize(inner.size() + padding);
        auto record = one.from_peer(content_type::tls12_cid, inner, sequence++);
        record.insert(record.begin() + 11, 8, std::byte{1});
        return one.protection.open(wire::first_record(record, 8).value(), one.plaintext, {}, one.out);
    };
    CHECK(open(16'384, 0).size == 16'384);
    CHECK(open(16'383, 1).size == 16'383);
    CHECK(open(1, 16'383).size == 1);
    for (const auto& opened : {open(16'385, 0), open(16'384, 1), open(1, 16'384)}) {
        CHECK(opened.kind == opened_kind::discarded);
        CHECK(opened.reason == drop_reason::oversized_plaintext);
    }
}
