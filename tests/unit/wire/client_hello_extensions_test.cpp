#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "wire/client_hello.hpp"

#include <algorithm>

using namespace quivive;
using test::make_extension;
using test::make_octets;
using test::octets;
using test::operator+;

namespace {

/// Returns a hello that has extensions only. `extensions` must outlive it.
wire::client_hello_view with(const octets& extensions)
{
    wire::client_hello_view hello;
    hello.extensions = extensions;
    return hello;
}

}  // namespace

TEST_CASE("RFC 5246 7.4.1.4: an extension is found at any position, and the first of two counts")
{
    const auto extensions =
        make_extension(1, make_octets({1})) + make_extension(2, {}) + make_extension(1, make_octets({9}));
    const auto found = wire::find_extension(with(extensions), 1);
    REQUIRE(found);
    CHECK(std::ranges::equal(*found, make_octets({1})));
    REQUIRE(wire::find_extension(with(extensions), 2));
    CHECK(wire::find_extension(with(extensions), 2)->empty());
    CHECK_FALSE(wire::find_extension(with(extensions), 3));
    CHECK_FALSE(wire::find_extension(with({}), 0));
}

TEST_CASE("A truncated extension hides itself and all extensions after it")
{
    const auto first = make_extension(1, make_octets({1, 2}));
    const auto second = make_extension(2, make_octets({3, 4, 5}));
    const auto all = first + second;
    for (std::size_t size = 0; size < all.size(); ++size) {
        CAPTURE(size);
        const octets cut{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)};
        CHECK(wire::find_extension(with(cut), 1).has_value() == (size >= first.size()));
        CHECK_FALSE(wire::find_extension(with(cut), 2));
    }
}

TEST_CASE("RFC 6066 3: the host name is read from server_name")
{
    const auto extensions = make_extension(10, make_octets({0, 2, 0, 29})) + test::make_server_name("a.test");
    CHECK(wire::server_name(with(extensions)) == "a.test");
    CHECK(wire::server_name(with({})).empty());
}

TEST_CASE("RFC 6066 3: names of another type are skipped")
{
    const auto extension = make_extension(0, make_octets({0, 9, 7, 0, 1, 'x', 0, 0, 2, 'h', 'i'}));
    CHECK(wire::server_name(with(extension)) == "hi");
}

TEST_CASE("RFC 6066 3: a malformed name list has no host name")
{
    const auto body = GENERATE(make_octets({}), make_octets({0}), make_octets({0, 0}),
                               make_octets({0, 9, 0, 0, 1, 'x'}),  // a list longer than its extension
                               make_octets({0, 4, 0, 0, 2, 'x'}),  // a name longer than its list
                               make_octets({0, 1, 0}), make_octets({0, 2, 0, 0}),
                               make_octets({0, 4, 1, 0, 1, 'x'}));  // no host_name in it
    const auto extension = make_extension(0, body);
    CHECK(wire::server_name(with(extension)).empty());
}

TEST_CASE("RFC 7301 3.1: a ProtocolNameList is read, and a malformed one is empty")
{
    const auto good = make_extension(16, make_octets({0, 3, 2, 'h', '3'}));
    CHECK(std::ranges::equal(wire::alpn_protocols(with(good)), make_octets({2, 'h', '3'})));
    for (const auto& body : {make_octets({}), make_octets({0}), make_octets({0, 4, 2, 'h', '3'}),
                             make_octets({0, 2, 2, 'h', '3'})}) {
        const auto bad = make_extension(16, body);
        CHECK(wire::alpn_protocols(with(bad)).empty());
    }
    CHECK(wire::alpn_protocols(with({})).empty());
}

TEST_CASE("RFC 5077 3.2: an empty SessionTicket requests a ticket, a non-empty one offers a ticket")
{
    const auto asks = make_extension(35, {});
    const auto offers = make_extension(35, make_octets({1}));
    CHECK_FALSE(wire::offers_ticket(with({})));
    CHECK_FALSE(wire::offers_ticket(with(asks)));
    CHECK(wire::offers_ticket(with(offers)));
}

TEST_CASE(
    "RFC 8446 4.2.1: supported_versions returns its versions, or nothing when its lengths are inconsistent")
{
    const auto with_body = [](std::initializer_list<int> body) {
        return make_extension(10, make_octets({0, 2, 0, 29})) + make_extension(43, make_octets(body));
    };
    const auto both = with_body({4, 0xfe, 0xfc, 0xfe, 0xfd});
    CHECK(std::ranges::equal(wire::supported_versions(with(both)), make_octets({0xfe, 0xfc, 0xfe, 0xfd})));
    CHECK(wire::supported_versions(with({})).empty());
    for (const auto& bad : {with_body({}), with_body({0}), with_body({3, 0xfe, 0xfc, 0xfe}),
                            with_body({4, 0xfe, 0xfc}), with_body({2, 0xfe, 0xfc, 0})})
        CHECK(wire::supported_versions(with(bad)).empty());
}

TEST_CASE("RFC 8422 5.1.1: an absent or malformed supported_groups is distinct from a list of groups")
{
    const auto named = make_extension(10, make_octets({0, 4, 0, 29, 0, 23}));
    const auto groups = wire::supported_groups(with(named));
    REQUIRE(groups);
    CHECK(wire::has_number(*groups, 29));
    CHECK(wire::has_number(*groups, 23));
    CHECK_FALSE(wire::has_number(*groups, 24));
    CHECK_FALSE(wire::supported_groups(with({})));
    for (const auto& body :
         {make_octets({}), make_octets({0}), make_octets({0, 4, 0, 23}), make_octets({0, 2, 0, 23, 0, 24})}) {
        const auto bad = make_extension(10, body);
        CHECK_FALSE(wire::supported_groups(with(bad)));
    }
}

TEST_CASE("An incomplete last number of a list is ignored")
{
    CHECK(wire::has_number(make_octets({0, 23, 0}), 23));
    CHECK_FALSE(wire::has_number(make_octets({0, 23, 0}), 0));
    CHECK_FALSE(wire::has_number({}, 0));
}
