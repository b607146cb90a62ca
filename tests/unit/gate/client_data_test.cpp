#include "gate/client_data.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"

#include <algorithm>

using namespace quivive;
using test::hello_builder;
using test::octets;
using test::operator+;

namespace {

const wire::path some_path{
    wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}}, 4433),
    wire::endpoint::v4({std::byte{192}, std::byte{0}, std::byte{2}, std::byte{9}}, 999)};

octets covered(const octets& datagram, const wire::path& path = some_path)
{
    const auto hello =
        std::get<wire::client_hello_view>(wire::read_client_hello(wire::first_record(datagram).value()));
    const gate::client_data data{hello, path};
    return {data.bytes().begin(), data.bytes().end()};
}

hello_builder some_hello()
{
    hello_builder hello;
    hello.session_id = test::counting(5);
    hello.cookie = test::counting(16);
    hello.extensions = test::make_server_name("a.test");
    return hello;
}

}  // namespace

TEST_CASE("RFC 6347 4.2.1: every field covered by a cookie changes the signed data")
{
    auto hello = some_hello();
    const auto before = covered(hello.record());
    SECTION("version") { hello.version = wire::dtls_1_0; }
    SECTION("the first byte of the random") { hello.random.front() ^= std::byte{1}; }
    SECTION("the last byte of the random") { hello.random.back() ^= std::byte{1}; }
    SECTION("a byte of the session id") { hello.session_id.back() ^= std::byte{1}; }
    SECTION("the length of the session id") { hello.session_id.push_back(std::byte{0}); }
    SECTION("no session id") { hello.session_id.clear(); }
    SECTION("a suite") { hello.suites.back() ^= std::byte{1}; }
    SECTION("the number of suites") { hello.suites.resize(2); }
    SECTION("a compression method") { hello.compression.push_back(std::byte{1}); }
    CHECK(covered(hello.record()) != before);
}

TEST_CASE("Bytes moved from one field to the next change the signed data")
{
    // Without a length in front of it, the session id could absorb the length of the suites and leave a
    // shorter, valid list.
    auto one = some_hello();
    one.suites = test::make_octets({0, 2, 0xc0, 0x2b});
    auto other = some_hello();
    other.session_id = one.session_id + test::make_octets({0, 4});
    other.suites = test::make_octets({0xc0, 0x2b});
    CHECK(covered(one.record()) != covered(other.record()));
}

TEST_CASE("A cookie covers both addresses, ports and scopes")
{
    const auto datagram = some_hello().record();
    auto path = some_path;
    SECTION("the peer's address") { path.peer.address[15] ^= std::byte{1}; }
    SECTION("the peer's port") { ++path.peer.port; }
    SECTION("the peer's interface") { path.peer.scope = 1; }
    SECTION("the local address") { path.local.address[15] ^= std::byte{1}; }
    SECTION("the local port") { ++path.local.port; }
    SECTION("the local interface") { path.local.scope = 1; }
    SECTION("the two ends swapped") { std::swap(path.local, path.peer); }
    CHECK(covered(datagram, path) != covered(datagram));
}

TEST_CASE("A cookie does not cover fields that some clients change between their two hellos")
{
    auto hello = some_hello();
    const auto before = covered(hello.record());
    SECTION("extensions") { hello.extensions = test::make_server_name("b.test"); }
    SECTION("no extensions") { hello.extensions.reset(); }
    SECTION("the cookie") { hello.cookie.clear(); }
    SECTION("the message_seq") { hello.message_seq = 1; }
    SECTION("the record's sequence number") { hello.record_sequence = 77; }
    SECTION("the record's version") { hello.record_version = wire::dtls_1_2; }
    CHECK(covered(hello.record()) == before);
    auto path = some_path;
    path.socket = 3;  // with the same address: with SO_REUSEPORT either socket may receive the datagram
    CHECK(covered(hello.record(), path) == before);
}

TEST_CASE(
    "RFC 6347 4.2.3: the signed data of a fragment without its suites differ from those of the whole hello")
{
    // A session id could otherwise pass for suites.
    const auto hello = some_hello();
    const auto whole = covered(hello.record());
    for (std::size_t size = 2 + 32 + 1 + 5 + 1 + 16; size < hello.body().size(); ++size) {
        const auto fragment = hello.fragment(0, size);
        const auto has_suites = size >= 2 + 32 + 1 + 5 + 1 + 16 + 2 + hello.suites.size() + 2;
        CAPTURE(size);
        CHECK((covered(fragment) == whole) == has_suites);
        CHECK((covered(fragment).front() == whole.front()) == has_suites);
    }
}

TEST_CASE("A hello with more suites than a cookie can cover does not fit")
{
    auto hello = some_hello();
    const auto fits = [](const octets& datagram) {
        return gate::client_data::fits(
            std::get<wire::client_hello_view>(wire::read_client_hello(wire::first_record(datagram).value())));
    };
    hello.suites = test::counting(2'048 - 4);
    CHECK(fits(hello.record()));
    CHECK(covered(hello.record()).size() > 2'048);
    hello.suites = test::counting(2'048 - 2);
    CHECK_FALSE(fits(hello.record()));
}
