// Records with connection ids that were made by hand from RFC 9146 (vectors/README.md), since no other
// implementation was available.

#include "addressee.hpp"
#include "record/sealing.hpp"
#include "support/catch.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>

using namespace quivive;
using namespace quivive::test;
using record::opened_kind;
using wire::content_type;

namespace {

constexpr content_type no_type{};

const std::vector<known_answer>& answers_with_ids()
{
    static const auto all = answers_of("connection_ids");
    return all;
}

/// Returns the answers whose id has a size that quivive issues. Only a peer can have chosen the longer ids.
std::vector<known_answer> answers_to_us()
{
    std::vector<known_answer> some;
    std::ranges::copy_if(answers_with_ids(), std::back_inserter(some), [](const auto& each) {
        return each.id.size() <= wire::own_connection_id::max_size;
    });
    return some;
}

wire::record_view view_of(const known_answer& answer)
{
    return wire::first_record(answer.record, answer.id.size()).value();
}

opened_kind kind_of(const known_answer& answer)
{
    switch (answer.type) {
        case content_type::application_data:
            return opened_kind::message;
        case content_type::alert:
            return opened_kind::close_notify;
        case content_type::handshake:
            return answer.plaintext.front() == std::byte{20} ? opened_kind::repeated_finished
                                                             : opened_kind::renegotiation;
        case content_type::return_routability_check:
            return opened_kind::path_message;
        default:
            return opened_kind::discarded;
    }
}

void check_opens_by_id(addressee& one, const known_answer& answer)
{
    const auto opened = one.open(view_of(answer));
    CHECK(opened.kind == kind_of(answer));
    CHECK(opened.authentic);
    CHECK(opened.newest);
    if (answer.type == no_type) CHECK(opened.reason == drop_reason::unexpected_record);
    if (opened.kind == opened_kind::message || opened.kind == opened_kind::path_message)
        CHECK(std::ranges::equal(wire::bytes{one.plaintext}.first(opened.size), answer.plaintext));
}

/// The parts of a record's protection that need no association.
struct opener {
    explicit opener(const known_answer& answer)
        : cipher{tls::make_gnutls_aead(answer.cipher, answer.key)}, traits{record::traits_of(answer.cipher)}
    {
        REQUIRE(cipher);
        std::ranges::copy(answer.iv, iv.begin());
    }
    [[nodiscard]] record::protector by() const { return {*cipher, traits, iv}; }
    std::optional<record::content> open(const wire::record_view& record)
    {
        text.assign(record.payload.size() - traits.overhead(), std::byte{0});
        return record::open(by(), record, text);
    }

    std::unique_ptr<record::aead> cipher;
    record::cipher_traits traits;
    record::nonce iv{};
    octets text;
};

/// The field of the record that holds a byte.
enum class part { type, version, epoch, sequence, id, length, payload };

part part_of(const known_answer& answer, std::size_t at)
{
    if (at < 1) return part::type;
    if (at < 3) return part::version;
    if (at < 5) return part::epoch;
    if (at < 11) return part::sequence;
    if (at < 11 + answer.id.size()) return part::id;
    return at < answer.header_size() ? part::length : part::payload;
}

/// Returns the expected drop reason of a record that was changed at byte `at`.
drop_reason reason_for(const known_answer& answer, const octets& changed, std::size_t at)
{
    const auto least = record::traits_of(answer.cipher).overhead() + 1;
    const auto number_at = [&](std::size_t from) {
        return wire::reader{wire::bytes{changed}.subspan(from, 2)}.u16();
    };
    switch (part_of(answer, at)) {
        case part::epoch:
            return number_at(3) == 0 ? drop_reason::plaintext_on_session : drop_reason::bad_epoch;
        case part::id:
            return drop_reason::wrong_connection_id;
        case part::length: {
            const auto length = number_at(answer.header_size() - 2);
            if (length + answer.header_size() > changed.size()) return drop_reason::malformed_record;
            return length < least ? drop_reason::short_record : drop_reason::bad_record_mac;
        }
        case part::version:
            return changed[1] == std::byte{0xfe} && changed[2] == std::byte{0xff}
                       ? drop_reason::bad_record_mac
                       : drop_reason::bad_version;
        default:
            return drop_reason::bad_record_mac;
    }
}

}  // namespace

TEST_CASE("RFC 9146 vectors: they cover each cipher with all inner types, paddings and three id sizes")
{
    for (const auto cipher : record::all_ciphers) {
        const auto count = [&](auto&& wanted) {
            return std::ranges::count_if(
                answers_with_ids(), [&](const auto& each) { return each.cipher == cipher && wanted(each); });
        };
        CAPTURE(static_cast<int>(cipher));
        for (const auto type : {no_type, content_type::alert, content_type::handshake,
                                content_type::application_data, content_type::return_routability_check})
            for (const auto padding : std::initializer_list<std::size_t>{0, 1, 16, 100})
                CHECK(count([&](const auto& each) { return each.type == type && each.padding == padding; }) >
                      0);
        for (const auto size : std::initializer_list<std::size_t>{1, 8, 20})
            CHECK(count([&](const auto& each) { return each.id.size() == size; }) > 0);
        CHECK(count([](const auto& each) { return each.type != no_type && each.plaintext.empty(); }) > 0);
    }
}

TEST_CASE("RFC 9146 vectors: an association opens each record as its type")
{
    for (const auto& answer : answers_to_us()) {
        INFO(name_of(answer));
        addressee one{answer};
        check_opens_by_id(one, answer);
        CHECK(one.open(view_of(answer)).kind == opened_kind::discarded);  // a second time it is a replay
    }
}

TEST_CASE("RFC 9146 vectors: text and type are separated from the padding")
{
    for (const auto& answer : answers_with_ids()) {
        INFO(name_of(answer));
        opener one{answer};
        const auto content = one.open(view_of(answer));
        REQUIRE(content);
        CHECK(content->type == answer.type);
        REQUIRE(content->size == answer.plaintext.size());
        CHECK(std::ranges::equal(wire::bytes{one.text}.first(content->size), answer.plaintext));
    }
}

TEST_CASE("RFC 9146 vectors: sealing the same text under the same number gives the same bytes")
{
    std::size_t same = 0;
    for (const auto& answer : answers_with_ids()) {
        if (answer.padding > 0 || answer.type == no_type || !answer.nonce_is_the_number()) continue;
        INFO(name_of(answer));
        const opener one{answer};
        octets record(answer.plaintext.size() + record::size_around(one.traits, answer.id));
        octets scratch(record::scratch_size(answer.plaintext.size(), answer.id));
        CHECK(record::seal(one.by(), {answer.type, answer.number, answer.plaintext}, answer.id, record,
                           scratch));
        CHECK(record == answer.record);
        ++same;
    }
    CHECK(same >= 7 * 8);
}

TEST_CASE("RFC 9146 vectors: a changed bit causes the drop reason of its field, and the original still opens")
{
    for (const auto& answer : answers_to_us()) {
        if (answer.padding > 1) continue;
        INFO(name_of(answer));
        addressee one{answer};
        for (std::size_t bit = 8; bit < 8 * answer.record.size(); ++bit) {
            auto changed = answer.record;
            changed[bit / 8] ^= std::byte{1} << bit % 8;
            wire::record_cutter cutter{changed, answer.id.size()};
            const auto cut = cutter.next();
            const auto* const record = std::get_if<wire::record_view>(&cut);
            const auto reason = record ? one.open(*record).reason : std::get<drop_reason>(cut);
            const auto expected = reason_for(answer, changed, bit / 8);
            if (reason == expected && one.nothing_left()) continue;
            FAIL_CHECK("bit " << bit << ": " << to_string(reason) << " for " << to_string(expected));
        }
        check_opens_by_id(one, answer);
    }
}

TEST_CASE("RFC 9146 5.3: the tag covers an id of any size")
{
    for (const auto& answer : answers_with_ids()) {
        INFO(name_of(answer));
        opener one{answer};
        for (std::size_t at = 11; at < 11 + answer.id.size(); ++at) {
            auto changed = answer.record;
            changed[at] ^= std::byte{0x10};
            CHECK(!one.open(wire::first_record(changed, answer.id.size()).value()));
        }
    }
}

TEST_CASE("RFC 9146 vectors: with another content type they are refused")
{
    for (const auto& answer : answers_to_us()) {
        INFO(name_of(answer));
        addressee one{answer};
        for (const int type : {20, 21, 22, 23, 24, 27}) {
            auto changed = answer.record;
            changed[0] = static_cast<std::byte>(type);
            const auto record = wire::first_record(changed, answer.id.size());
            if (!record) continue;  // a byte of the id was parsed as a length, which is too large
            CHECK(one.open(*record).reason == drop_reason::wrong_connection_id);
            CHECK(one.nothing_left());
        }
        check_opens_by_id(one, answer);
    }
}

TEST_CASE("RFC 9146 vectors: a receiver with an id of another length refuses them")
{
    for (const auto& answer : answers_to_us()) {
        INFO(name_of(answer));
        for (std::size_t size = 0; size <= wire::own_connection_id::max_size; ++size) {
            if (size == answer.id.size()) continue;
            CAPTURE(size);
            auto other = answer.id;  // a prefix of the id, or an extension
            other.resize(size);
            addressee one{answer, other};
            CHECK(one.open(view_of(answer)).reason ==
                  (size == 0 ? drop_reason::unexpected_record : drop_reason::wrong_connection_id));
            // The record is also cut with the wrong size, so that a part of the id is parsed as the length.
            if (const auto record = wire::first_record(answer.record, size))
                CHECK(one.open(*record).kind == opened_kind::discarded);
            CHECK(one.nothing_left());
        }
    }
}
