#include "quivive/admission.hpp"

#include "support/catch.hpp"
#include "wire/bytes.hpp"

#include <string>
#include <string_view>

using namespace quivive;
using namespace std::literals;

namespace {

// `names` has the format of `wire::alpn_protocols`: without the length of the whole list.
bool offers(std::string_view names, std::string_view protocol)
{
    client_hello hello;
    hello.alpn = wire::as_bytes(names);
    return hello.offers(protocol);
}

}  // namespace

TEST_CASE("RFC 7301 3.1: a ClientHello offers the protocols of its list, and a part of a name does not match")
{
    constexpr auto list =
        "\x04"
        "coap\x02"
        "h3"sv;
    CHECK(offers(list, "coap"));
    CHECK(offers(list, "h3"));
    CHECK(!offers(list, "coa"));
    CHECK(!offers(list, "coaps"));
    CHECK(!offers(list, "h2"));
    CHECK(!offers(list, ""));
    CHECK(offers("\xff" + std::string(255, 'n'), std::string(255, 'n')));
}

TEST_CASE("A ClientHello without ALPN offers nothing")
{
    CHECK(!offers("", "coap"));
    CHECK(!offers("", ""));
}

TEST_CASE("A malformed ProtocolNameList offers the protocols in front of its error only")
{
    CHECK(!offers("\x03h3", "h3"));  // a name longer than its list
    CHECK(!offers("\x03h3", "h3\0"sv));
    CHECK(offers("\x02h3\x09xx", "h3"));   // in front of the error
    CHECK(!offers("\x09xx\x02h3", "h3"));  // after the error
    CHECK(!offers("\x00"sv, ""));          // no name is empty
    CHECK(offers("\x00\x02h3"sv, "h3"));   // an empty name is skipped
}
