#pragma once

#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"
#include "tls/handshake.hpp"
#include "wire/handshake.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace quivive::test {

/// The answer of a server to a ClientHello.
struct hello_answer {
    std::optional<std::uint16_t> suite;  ///< selected in the ServerHello
    std::optional<int> alert;            ///< description of a fatal alert
    error_code error;
};

/// Returns a hello with these suites, two bytes each, and the extensions that certificate suites need: the
/// groups (RFC 8422 5.1.1), omitted when empty, and the signature algorithms that most clients support.
inline hello_builder hello_with(const octets& suites, const octets& groups = make_octets({0, 29, 0, 23}))
{
    hello_builder hello;
    hello.suites = suites;
    auto extensions = make_extension(13, make_octets({0, 8, 4, 3, 8, 7, 8, 4, 4, 1}));
    if (!groups.empty())
        extensions =
            extensions + make_extension(10, make_octets({0, static_cast<int>(groups.size())}) + groups);
    hello.extensions = extensions;
    return hello;
}

inline hello_answer answer_to(const std::shared_ptr<const tls::context>& server, const hello_builder& hello)
{
    queue_outbox out;
    const auto handshake = tls::make_server_handshake(server, {}, {}, {});
    const auto record = hello.record();
    (void)handshake->feed(records_of(record).front(), time_point{std::chrono::hours{1}}, out);

    hello_answer answer;
    answer.error = handshake->error();
    for (const auto& datagram : out.datagrams)
        for (const auto& sent : records_of(datagram)) {
            wire::reader in{sent.payload};
            if (sent.is(wire::content_type::alert)) {
                if (in.u8() == 2) answer.alert = in.u8();
            } else if (const auto message = wire::read_handshake(in);
                       message.type == wire::handshake_type::server_hello) {
                wire::reader body{message.body};
                (void)body.take(2 + 32);  // version, random
                (void)body.vector(1);     // session id
                answer.suite = body.u16();
            }
        }
    return answer;
}

}  // namespace quivive::test
