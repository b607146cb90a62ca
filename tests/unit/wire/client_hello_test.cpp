#include "wire/client_hello.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"

#include <algorithm>

using namespace quivive;
using test::counting;
using test::hello_builder;
using test::make_octets;
using test::make_record;
using test::octets;
using test::operator+;

namespace {

std::variant<wire::client_hello_view, drop_reason> read(const octets& datagram)
{
    const auto record = wire::first_record(datagram);
    REQUIRE(record);
    return wire::read_client_hello(*record);
}

drop_reason reason_of(const octets& datagram)
{
    const auto result = read(datagram);
    REQUIRE(std::holds_alternative<drop_reason>(result));
    return std::get<drop_reason>(result);
}

/// Returns a view of `datagram`, which must outlive the view.
wire::client_hello_view hello_of(const octets& datagram)
{
    const auto result = read(datagram);
    REQUIRE(std::holds_alternative<wire::client_hello_view>(result));
    return std::get<wire::client_hello_view>(result);
}

hello_builder full_hello()
{
    hello_builder hello;
    hello.record_sequence = 0x0102030405ff;
    hello.message_seq = 0x0a0b;
    hello.session_id = counting(32, 0x80);
    hello.cookie = counting(16, 0xc0);
    hello.extensions = test::make_server_name("example.net");
    return hello;
}

/// Returns the offset of the first byte after the cookie, from the start of the message's body.
std::size_t cookie_end(const hello_builder& hello)
{
    return 2 + 32 + 1 + hello.session_id.size() + 1 + hello.cookie.size();
}

}  // namespace

TEST_CASE("RFC 6347 4.2.1: a ClientHello is read field by field")
{
    const auto builder = full_hello();
    const auto datagram = builder.record();
    const auto hello = hello_of(datagram);
    CHECK(hello.record_sequence == 0x0102030405ff);
    CHECK(hello.message_seq == 0x0a0b);
    CHECK(hello.version == wire::dtls_1_2);
    CHECK(hello.record_version == builder.record_version);
    CHECK(std::ranges::equal(hello.random, builder.random));
    CHECK(std::ranges::equal(hello.session_id, builder.session_id));
    CHECK(std::ranges::equal(hello.cookie, builder.cookie));
    CHECK(
        std::ranges::equal(hello.suites_and_compression, make_octets({0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0})));
    CHECK(std::ranges::equal(hello.extensions, *builder.extensions));
    CHECK(std::ranges::equal(hello.record, datagram));
}

TEST_CASE("RFC 6347 4.2.1: a hello has no cookie or one of up to 255 bytes")
{
    hello_builder builder;
    const auto bare = builder.record();
    CHECK(hello_of(bare).cookie.empty());
    builder.cookie = counting(255);
    const auto longest = builder.record();
    CHECK(std::ranges::equal(hello_of(longest).cookie, builder.cookie));
}

TEST_CASE("RFC 5246 7.4.1.2: the extensions may be absent or empty")
{
    hello_builder builder;
    const auto without = builder.record();
    CHECK(hello_of(without).extensions.empty());
    builder.extensions = octets{};
    const auto none = builder.record();
    CHECK(hello_of(none).extensions.empty());
}

TEST_CASE("A record that is not a ClientHello is not parsed as one")
{
    auto builder = full_hello();
    SECTION("another content type") { builder.type = wire::content_type::application_data; }
    SECTION("a protected record") { builder.epoch = 1; }
    SECTION("another handshake message") { builder.message_type = 2; }
    CHECK(reason_of(builder.record()) == drop_reason::not_a_client_hello);
}

TEST_CASE("A ClientHello with a truncated header or too large a fragment length is malformed")
{
    CHECK(reason_of(make_record(wire::content_type::handshake, {})) == drop_reason::not_a_client_hello);
    for (std::size_t size = 1; size < 12; ++size) {
        auto payload = octets(size);
        payload[0] = std::byte{1};
        CHECK(reason_of(make_record(wire::content_type::handshake, payload)) ==
              drop_reason::malformed_client_hello);
    }
    auto datagram = full_hello().record();
    datagram[13 + 11] = std::byte{0xff};  // fragment_length beyond the record
    CHECK(reason_of(datagram) == drop_reason::malformed_client_hello);
}

TEST_CASE("A whole ClientHello that is truncated is malformed, unless exactly its extensions are missing")
{
    const auto body = full_hello().body();
    const auto builder = full_hello();
    const std::size_t without_extensions = body.size() - 2 - builder.extensions->size();
    for (std::size_t size = 0; size < body.size(); ++size) {
        CAPTURE(size);
        auto datagram = builder.fragment(0, size);
        wire::write_integer(std::span{datagram}.subspan(14, 3), size);  // the message claims to be whole
        if (size == without_extensions)
            CHECK(hello_of(datagram).extensions.empty());
        else
            CHECK(reason_of(datagram) == drop_reason::malformed_client_hello);
    }
}

TEST_CASE("RFC 6347 4.2.3: a first fragment is parsed if and only if it holds the whole cookie")
{
    const auto builder = full_hello();
    const auto length = builder.body().size();
    for (std::size_t size = 0; size < length; ++size) {
        CAPTURE(size);
        const auto datagram = builder.fragment(0, size);
        if (size < cookie_end(builder)) {
            CHECK(reason_of(datagram) == drop_reason::hello_fragment);
            continue;
        }
        const auto hello = hello_of(datagram);
        CHECK(std::ranges::equal(hello.cookie, builder.cookie));
        // The suites are visible as a whole or not at all, the extensions as far as the fragment reaches.
        const bool has_suites = size >= cookie_end(builder) + 8;
        CHECK(hello.suites_and_compression.size() == (has_suites ? 8U : 0U));
        const auto before_extensions = cookie_end(builder) + 8 + 2;
        CHECK(hello.extensions.size() == size - std::min(size, before_extensions));
        CHECK(wire::server_name(hello).empty());
    }
}

TEST_CASE("RFC 6347 4.2.3: exactly the complete extensions of a first fragment are found")
{
    auto builder = full_hello();
    const auto shown = builder.body().size();
    builder.extensions = *builder.extensions + test::make_extension(21, octets(1'200));
    const auto datagram = builder.fragment(0, shown + 600);
    CHECK_FALSE(hello_of(datagram).whole);
    CHECK(wire::server_name(hello_of(datagram)) == "example.net");
    CHECK_FALSE(wire::find_extension(hello_of(datagram), 21));
}

TEST_CASE("The body of a ClientHello is parsed without its headers, and only when it is whole")
{
    const auto body = full_hello().body();
    const auto hello = wire::read_client_hello_body(body);
    REQUIRE(hello);
    CHECK(hello->whole);
    CHECK(hello->version == wire::dtls_1_2);
    CHECK(wire::server_name(*hello) == "example.net");
    const auto without_extensions = cookie_end(full_hello()) + 8;
    for (std::size_t size = 0; size < body.size(); ++size)
        CHECK(wire::read_client_hello_body(wire::bytes{body}.first(size)).has_value() ==
              (size == without_extensions));
}

TEST_CASE("RFC 6347 4.2.3: a later fragment is dropped as the rest of a challenged hello")
{
    const auto builder = full_hello();
    CHECK(reason_of(builder.fragment(1, 500)) == drop_reason::rest_of_challenged_hello);
    CHECK(reason_of(builder.fragment(builder.body().size() - 1, 1)) == drop_reason::rest_of_challenged_hello);
}

TEST_CASE("RFC 6347 4.2.3: a later fragment that looks like a whole hello is dropped as well")
{
    const auto inner = full_hello().body();
    auto builder = full_hello();
    builder.extensions = test::make_extension(21, inner);
    const auto from = builder.body().size() - inner.size();
    CHECK(reason_of(builder.fragment(from, inner.size())) == drop_reason::rest_of_challenged_hello);
}

TEST_CASE("CVE-2022-35409: a cookie whose length exceeds the message is never read")
{
    hello_builder builder;
    builder.cookie_length = std::uint8_t{255};
    CHECK(reason_of(builder.record()) == drop_reason::malformed_client_hello);
    CHECK(reason_of(builder.fragment(0, cookie_end(builder))) == drop_reason::hello_fragment);
}

TEST_CASE("ClientHello: impossible lengths and counts are malformed")
{
    auto builder = full_hello();
    SECTION("a session id of more than 32 bytes") { builder.session_id = counting(33); }
    SECTION("no suites") { builder.suites = {}; }
    SECTION("half a suite") { builder.suites = make_octets({0xc0, 0x2b, 0xc0}); }
    SECTION("no compression method") { builder.compression = {}; }
    SECTION("a byte after the extensions") { builder.trailing = make_octets({0}); }
    SECTION("one byte in place of the extensions")
    {
        builder.extensions.reset();
        builder.trailing = make_octets({0});
    }
    SECTION("extensions longer than the message")
    {
        builder.extensions.reset();
        builder.trailing = make_octets({0, 5, 1});
    }
    CHECK(reason_of(builder.record()) == drop_reason::malformed_client_hello);
}

TEST_CASE("ClientHello: every DTLS version is parsed, and any other version is malformed")
{
    hello_builder builder;
    for (const auto version : std::initializer_list<std::uint16_t>{0x0303, 0x0000, 0x0100, 0xff00, 0xfdff}) {
        builder.version = version;
        CHECK(reason_of(builder.record()) == drop_reason::malformed_client_hello);
    }
    for (const auto version : std::initializer_list<std::uint16_t>{0xfeff, 0xfefd, 0xfefc}) {
        builder.version = version;
        const auto datagram = builder.record();
        CHECK(hello_of(datagram).version == version);
    }
}

TEST_CASE("A fragment longer than its message is malformed")
{
    auto datagram = full_hello().record();
    wire::write_integer(std::span{datagram}.subspan(14, 3), 60);
    CHECK(reason_of(datagram) == drop_reason::malformed_client_hello);
}

TEST_CASE("A ClientHello of the largest size is read")
{
    hello_builder builder;
    builder.extensions = test::make_extension(21, octets(16'000));
    const auto datagram = builder.record();
    CHECK(hello_of(datagram).extensions.size() == 16'004);
}

TEST_CASE("After any change of a byte every field parsed from a ClientHello lies within the record")
{
    const auto good = full_hello().record();
    std::size_t read_well = 0;
    for (std::size_t at = wire::record_header_size; at < good.size(); ++at) {
        for (int value = 0; value < 256; ++value) {
            auto datagram = good;
            datagram[at] = static_cast<std::byte>(value);
            const auto result = read(datagram);
            const auto* hello = std::get_if<wire::client_hello_view>(&result);
            if (!hello) continue;
            ++read_well;
            const std::byte* last = datagram.data() + wire::record_header_size;
            for (const auto part : {hello->random, hello->session_id, hello->cookie,
                                    hello->suites_and_compression, hello->extensions}) {
                if (part.empty()) continue;
                // The fields are in order, and none reaches beyond the end.
                if (part.data() < last || part.data() + part.size() > datagram.data() + datagram.size())
                    FAIL_CHECK("byte " << at << ", value " << value);
                last = part.data() + part.size();
            }
        }
    }
    CHECK(read_well > 32 * 256);  // the changes of the random alone
}
