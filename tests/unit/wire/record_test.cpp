#include "wire/record.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"

#include <algorithm>

using namespace quivive;
using test::make_octets;
using test::make_record;
using test::octets;
using test::operator+;
using wire::content_type;

namespace {

drop_reason why_not(const octets& datagram)
{
    wire::record_cutter cutter{datagram};
    const auto cut = cutter.next();
    REQUIRE(std::holds_alternative<drop_reason>(cut));
    CHECK(cutter.done());  // no later record boundary can be determined
    return std::get<drop_reason>(cut);
}

}  // namespace

TEST_CASE("RFC 6347 4.1: a record's header is read field by field")
{
    const auto datagram =
        make_record(content_type::application_data, make_octets({1, 2, 3}), 0x1234, 0xa1b2c3d4e5f6);
    const auto record = wire::first_record(datagram);
    REQUIRE(record);
    CHECK(record->is(content_type::application_data));
    CHECK(record->version == wire::dtls_1_2);
    CHECK(record->epoch == 0x1234);
    CHECK(record->sequence == 0xa1b2c3d4e5f6);
    CHECK(std::ranges::equal(record->payload, make_octets({1, 2, 3})));
    CHECK(std::ranges::equal(record->whole, datagram));
}

TEST_CASE("RFC 6347 4.1.1: several records share a datagram, an empty one among them")
{
    const auto first = make_record(content_type::handshake, make_octets({1}), 0, 7);
    const auto second = make_record(content_type::alert, {}, 1, 8, wire::dtls_1_0);
    const auto third = make_record(content_type::change_cipher_spec, make_octets({1}), 0, 9);
    const auto datagram = first + second + third;
    wire::record_cutter cutter{datagram};
    for (const auto& expected : {first, second, third}) {
        REQUIRE_FALSE(cutter.done());
        const auto cut = cutter.next();
        REQUIRE(std::holds_alternative<wire::record_view>(cut));
        CHECK(std::ranges::equal(std::get<wire::record_view>(cut).whole, expected));
    }
    CHECK(cutter.done());
}

TEST_CASE("RFC 6347 4.1: junk after valid records is dropped, and the valid records are kept")
{
    const auto good = make_record(content_type::handshake, make_octets({1, 2}));
    const auto junk = make_octets({22, 0xfe});
    const auto datagram = good + junk;
    wire::record_cutter cutter{datagram};
    CHECK(std::holds_alternative<wire::record_view>(cutter.next()));
    CHECK(std::ranges::equal(cutter.rest(), junk));
    const auto cut = cutter.next();
    REQUIRE(std::holds_alternative<drop_reason>(cut));
    CHECK(std::get<drop_reason>(cut) == drop_reason::malformed_record);
    CHECK(cutter.done());
}

TEST_CASE("Record cutter: malformed records are dropped, each with its reason")
{
    CHECK(why_not({}) == drop_reason::empty_datagram);
    const auto whole = make_record(content_type::handshake, test::counting(20));
    for (std::size_t size = 1; size < whole.size(); ++size)
        CHECK(why_not({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}) ==
              drop_reason::malformed_record);
    for (const int type : {0, 19, 26, 0x80, 255})
        CHECK(why_not(make_record(static_cast<content_type>(type), {})) == drop_reason::bad_record_type);
    for (const auto version :
         std::initializer_list<std::uint16_t>{0x0303, 0x0100, 0xfefc, 0xfefe, 0xff00, 0x0000})
        CHECK(why_not(make_record(content_type::handshake, {}, 0, 0, version)) == drop_reason::bad_version);
    CHECK_FALSE(wire::first_record(octets{}));
}

TEST_CASE("RFC 5246 6.2.1, RFC 6520, RFC 9146: content types 20 to 25 are accepted")
{
    for (int type = 20; type <= 25; ++type)
        CHECK(wire::first_record(make_record(static_cast<content_type>(type), {})));
}

TEST_CASE("RFC 5246 6.2.3: a record's payload has at most 2^14 + 2048 bytes")
{
    const auto largest = make_record(content_type::application_data, octets(18'432), 1);
    CHECK(wire::first_record(largest));
    CHECK(why_not(make_record(content_type::application_data, octets(18'433), 1)) ==
          drop_reason::malformed_record);
}

TEST_CASE("Record cutter: a length beyond the datagram is refused")
{
    for (const auto length : std::initializer_list<std::uint16_t>{4, 100, 0xffff})
        CHECK(why_not(make_record(content_type::handshake, make_octets({1, 2, 3}), 0, 0, wire::dtls_1_2,
                                  length)) == drop_reason::malformed_record);
}
