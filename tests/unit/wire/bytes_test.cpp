#include "wire/bytes.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "wire/handshake.hpp"

#include <algorithm>

using namespace quivive;
using test::make_octets;

TEST_CASE("Reader: integers are big-endian")
{
    const auto data = test::counting(12, 1);
    wire::reader in{data};
    CHECK(in.u8() == 0x01);
    CHECK(in.u16() == 0x0203);
    CHECK(in.u24() == 0x040506);
    CHECK(in.integer(6) == 0x0708090a0b0c);
    CHECK(in.ok());
    CHECK(in.done());
}

TEST_CASE("Reader: after a read beyond the end every read fails and returns nothing")
{
    const auto data = make_octets({1, 2, 3});
    wire::reader in{data};
    CHECK(in.take(4).empty());
    CHECK_FALSE(in.ok());
    CHECK(in.done());
    CHECK(in.u8() == 0);
    CHECK(in.take(1).empty());
    (void)in.take(0);
    CHECK_FALSE(in.ok());
}

TEST_CASE("RFC 5246 4.3: a vector follows its length")
{
    const auto data = make_octets({2, 7, 8, 0, 1, 9, 0});
    wire::reader in{data};
    CHECK(std::ranges::equal(in.vector(1), make_octets({7, 8})));
    CHECK(std::ranges::equal(in.vector(2), make_octets({9})));
    CHECK(in.vector(1).empty());
    CHECK(in.ok());
    const auto lying = make_octets({0xff, 0xff, 0xff, 1});
    wire::reader beyond{lying};
    CHECK(beyond.vector(3).empty());
    CHECK_FALSE(beyond.ok());
}

TEST_CASE("write_integer fills the whole buffer and truncates a number that is too large for it")
{
    auto out = make_octets({9, 9, 9, 9});
    wire::write_integer(out, 0x1ff);
    CHECK(out == make_octets({0, 0, 1, 0xff}));
    wire::write_integer(std::span{out}.first(1), 0x1ff);
    CHECK(out == make_octets({0xff, 0, 1, 0xff}));
}

TEST_CASE(
    "RFC 6347 4.2.2: the header of a fragment is read, and a fragment of the full length is a whole message")
{
    const auto fragment = make_octets({1, 0, 0, 5, 0x12, 0x34, 0, 0, 3, 0, 0, 2, 7, 8});
    wire::reader in{fragment};
    const auto part = wire::read_handshake(in);
    REQUIRE(in.ok());
    CHECK(part.type == wire::handshake_type::client_hello);
    CHECK(part.length == 5);
    CHECK(part.message_seq == 0x1234);
    CHECK(part.fragment_offset == 3);
    CHECK(std::ranges::equal(part.body, make_octets({7, 8})));
    CHECK_FALSE(part.whole());

    for (std::size_t size = 0; size < fragment.size(); ++size) {
        wire::reader cut{wire::bytes{fragment}.first(size)};
        (void)wire::read_handshake(cut);
        CHECK_FALSE(cut.ok());
    }
    const auto empty = make_octets({14, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    wire::reader last{empty};
    CHECK(wire::read_handshake(last).whole());
}
