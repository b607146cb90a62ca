// RFC 1122 4.1.3.5: an answer is sent from the address that received the datagram, on wildcard binds too.

#include "loopback.hpp"

using namespace quivive;
using namespace quivive::test;
using transport::udp_socket;

namespace {

/// Sends a datagram to `local` of the server, answers along the received path and checks the answer's source.
void check_answered_from(udp_socket& server, const wire::endpoint& local, udp_socket& client)
{
    INFO(transport::to_text(local));
    send_one(client, {client.local_endpoint(), local}, "question");
    const auto question = receive_one(server);
    CHECK(question.local == local);
    CHECK(question.peer == client.local_endpoint());
    send_one(server, {question.local, question.peer}, "answer");
    const auto answer = receive_one(client);
    CHECK(answer.text == "answer");
    CHECK(answer.peer == local);
}

}  // namespace

TEST_CASE("source address: a socket on 0.0.0.0 answers from the address that received the datagram")
{
    auto server = udp_socket::bind(any_v4);
    auto client = udp_socket::bind(loopback_v4(2));
    for (const unsigned last : {5u, 6u, 1u})
        check_answered_from(server, with_port(loopback_v4(last), server), client);
}

TEST_CASE("source address: a dual-stack socket on (::) answers each family from the receiving address")
{
    auto server = udp_socket::bind(any_v6);
    auto client_v4 = udp_socket::bind(loopback_v4(2));
    auto client_v6 = udp_socket::bind(loopback_v6());
    check_answered_from(server, with_port(loopback_v4(7), server), client_v4);
    check_answered_from(server, with_port(loopback_v6(), server), client_v6);
    check_answered_from(server, with_port(loopback_v4(8), server), client_v4);
}

TEST_CASE("source address: a socket bound to one address answers from this address")
{
    auto server_v4 = udp_socket::bind(loopback_v4(9));
    auto client_v4 = udp_socket::bind(loopback_v4(2));
    check_answered_from(server_v4, server_v4.local_endpoint(), client_v4);
    auto server_v6 = udp_socket::bind(loopback_v6());
    auto client_v6 = udp_socket::bind(loopback_v6());
    check_answered_from(server_v6, server_v6.local_endpoint(), client_v6);
}

TEST_CASE("source address: connected clients receive answers from the address they connected to")
{
    auto server = udp_socket::bind(any_v6);
    for (const auto& local : {loopback_v4(7), loopback_v6()}) {
        auto client = udp_socket::connect(with_port(local, server));
        check_answered_from(server, with_port(local, server), client);
    }
}

TEST_CASE("source address: a peer has the same endpoint on an IPv4 and on a dual-stack socket")
{
    auto v4 = udp_socket::bind(any_v4);
    auto dual_stack = udp_socket::bind(any_v6);
    auto client = udp_socket::bind(loopback_v4(2));
    send_one(client, {client.local_endpoint(), with_port(loopback_v4(5), v4)}, "to v4");
    send_one(client, {client.local_endpoint(), with_port(loopback_v4(5), dual_stack)}, "to both");
    const auto by_v4 = receive_one(v4);
    const auto by_dual_stack = receive_one(dual_stack);
    CHECK(by_v4.peer == by_dual_stack.peer);
    CHECK(by_v4.local.address == by_dual_stack.local.address);
}

TEST_CASE("source address: without a local address the system chooses the source")
{
    auto client = udp_socket::bind(loopback_v4(2));
    for (const auto& at : {any_v4, any_v6}) {
        auto server = udp_socket::bind(at);
        send_one(server, {server.local_endpoint(), client.local_endpoint()}, "unasked");
        const auto seen = receive_one(client);
        CHECK(seen.text == "unasked");
        CHECK(seen.peer.port == server.local_endpoint().port);
    }
}

TEST_CASE("source address: a foreign source address fails for that datagram only")
{
    const auto foreign =
        wire::endpoint::v4({std::byte{198}, std::byte{51}, std::byte{100}, std::byte{7}}, 4433);
    auto client = udp_socket::bind(loopback_v4(2));
    for (const auto& at : {any_v4, any_v6}) {
        auto server = udp_socket::bind(at);
        transport::send_batch batch{2};
        REQUIRE(batch.push({foreign, client.local_endpoint()}, wire::as_bytes("bad")));
        REQUIRE(
            batch.push({with_port(loopback_v4(3), server), client.local_endpoint()}, wire::as_bytes("good")));
        const auto result = batch.flush(server);
        CHECK(result.failed == 1);
        CHECK(result.sent == 1);
        const auto seen = receive_one(client);
        CHECK(seen.text == "good");
        CHECK(seen.peer == with_port(loopback_v4(3), server));
    }
}
