#include "quivive/admission.hpp"

#include "support/catch.hpp"
#include "wire/bytes.hpp"

#include <string>
#include <string_view>

using namespace quivive;
using namespace std::literals;

namespace {

// `names` as `wire::alpn_protocols` gives them: without the length of the whole list.
bool offers(std::string_view names, std::string_view protocol)
{
    client_hello hello;
    hello.alpn = wire::as_bytes(names);
    return hello.offers(protocol);
}

}  // namespace

TEST_CASE("RFC 7301 3.1: a ClientHello offers the protocols of its list, and no part of their names")
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

TEST_CASE("A malformed ProtocolNameList offers nothing beyond its fault")
{
    CHECK(!offers("\x03h3", "h3"));  // a name longer than its list
    CHECK(!offers("\x03h3", "h3\0"sv));
    CHECK(offers("\x02h3\x09xx", "h3"));   // before the fault
    CHECK(!offers("\x09xx\x02h3", "h3"));  // behind it
    CHECK(!offers("\x00"sv, ""));          // no name is empty
    CHECK(offers("\x00\x02h3"sv, "h3"));   // an empty one is passed over
}
