#include "wire/alert.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"

#include <algorithm>

using namespace quivive;

TEST_CASE(
    "RFC 5246 7.2: an unencrypted fatal alert has two bytes and the requested version and sequence number")
{
    const auto alert =
        wire::make_fatal_alert(wire::dtls_1_0, 0x0102030405ff, wire::alert_description::protocol_version);
    const auto record = wire::first_record(alert);
    REQUIRE(record);
    CHECK(record->is(wire::content_type::alert));
    CHECK(record->version == wire::dtls_1_0);
    CHECK(record->epoch == 0);
    CHECK(record->sequence == 0x0102030405ff);
    CHECK(std::ranges::equal(record->payload, test::make_octets({2, 70})));
    CHECK(alert.size() < test::hello_builder{}.record().size());
}
