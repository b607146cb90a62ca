#include "observe/flight_names.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"

#include <string>

using namespace quivive;
using test::make_octets;
using test::make_record;
using test::octets;
using test::operator+;
using wire::content_type;

namespace {

std::string name(const octets& datagram)
{
    observe::name_buffer buffer;
    return std::string{observe::name_flight(datagram, buffer)};
}

/// Returns a handshake message of this type with an empty body.
octets message(int type, int message_seq = 0)
{
    return make_octets({type, 0, 0, 0, 0, message_seq, 0, 0, 0, 0, 0, 0});
}

}  // namespace

TEST_CASE("RFC 6347 4.2.4: each flight of a handshake has a name")
{
    test::tls_pair pair;
    CHECK(name(pair.to_server.datagrams.front()) == "ClientHello");
    pair.deliver_to_server();
    CHECK(name(pair.to_client.datagrams.front()) ==
          "ServerHello, Certificate, ServerKeyExchange, ServerHelloDone");
    pair.deliver_to_client();
    CHECK(name(pair.to_server.datagrams.front()) == "ClientKeyExchange, ChangeCipherSpec, Finished");
    pair.deliver_to_server();
    CHECK(name(pair.to_client.datagrams.front()).ends_with("ChangeCipherSpec, Finished"));
}

TEST_CASE("Flight names: a ClientHello is named with or without a cookie")
{
    test::hello_builder hello;
    CHECK(name(hello.record()) == "ClientHello");
    hello.cookie = test::counting(16);
    CHECK(name(hello.record()) == "ClientHello (cookie)");
}

TEST_CASE("Flight names: fragments of one message are named once")
{
    test::hello_builder hello;
    hello.cookie = test::counting(16);
    hello.extensions = test::make_extension(21, octets(400));
    CHECK(name(hello.fragment(0, 200) + hello.fragment(200, 200)) == "ClientHello (cookie), ClientHello");
    hello.cookie.clear();
    CHECK(name(hello.fragment(0, 200) + hello.fragment(200, 200)) == "ClientHello");
    CHECK(name(make_record(content_type::handshake, message(11) + message(11) + message(14))) ==
          "Certificate, ServerHelloDone");
}

TEST_CASE("Flight names: unencrypted and encrypted alerts have different names")
{
    CHECK(name(make_record(content_type::alert, make_octets({2, 40}))) == "Alert");
    CHECK(name(make_record(content_type::alert, octets(26), 1)) == "Alert (encrypted)");
}

TEST_CASE("Flight names: a message of an unknown type is named as unknown")
{
    CHECK(name(make_record(content_type::handshake, message(99))) == "unknown handshake message");
    CHECK(name(make_record(content_type::handshake, message(3))) == "HelloVerifyRequest");
}

TEST_CASE("Flight names: application data and noise have no name")
{
    CHECK(name({}).empty());
    CHECK(name(make_octets({1, 2, 3})).empty());
    CHECK(name(make_record(content_type::application_data, octets(30), 1)).empty());
    CHECK(name(make_record(content_type::handshake, make_octets({1, 0, 0}))).empty());
}

TEST_CASE("Flight names: records in front of noise are named")
{
    CHECK(name(make_record(content_type::handshake, message(14)) + make_octets({22, 0xfe})) ==
          "ServerHelloDone");
}

TEST_CASE("Flight names: the name of any datagram fits the buffer and is cut only between messages")
{
    octets datagram;
    for (int i = 0; i < 100; ++i)
        datagram = std::move(datagram) + make_record(content_type::handshake, message(i % 2 ? 11 : 14));
    const auto text = name(datagram);
    CHECK(text.size() <= std::tuple_size_v<observe::name_buffer>);
    CHECK(text.starts_with("ServerHelloDone, Certificate, ServerHelloDone"));
    CHECK((text.ends_with(", Certificate") || text.ends_with(", ServerHelloDone")));
}
