#pragma once

#include "support/certificates.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace quivive::test {

inline constexpr auto key_of_all = "00112233445566778899aabbccddeeff";

inline cookie_policy adaptive(load_marks marks = {})
{
    return {.exchange = cookie_exchange::adaptive, .adaptive = marks};
}

/// Returns a policy for each cookie exchange of this build that admits clients.
inline std::vector<cookie_policy> each_exchange()
{
    return
    {
#if !defined(QUIVIVE_COOKIES_NEVER)
        {.exchange = cookie_exchange::always},
#endif
#if !defined(QUIVIVE_COOKIES_ALWAYS)
            {.exchange = cookie_exchange::never, .trust_all_networks = true},
#endif
#if !defined(QUIVIVE_COOKIES_ALWAYS) && !defined(QUIVIVE_COOKIES_NEVER)
            adaptive(),
#endif
    };
}

inline std::shared_ptr<const tls::context> server_with(const server_credentials& credentials)
{
    return tls::make_server_context(credentials, {});
}

inline std::shared_ptr<const tls::context> psk_server()
{
    static const auto context = [] {
        server_credentials credentials;
        credentials.psk = [](std::string_view) { return secret::from_hex(key_of_all); };
        return server_with(credentials);
    }();
    return context;
}

inline std::shared_ptr<const tls::context> psk_client()
{
    static const auto context = [] {
        client_credentials credentials;
        credentials.psk_identity = "someone";
        credentials.psk_key = *secret::from_hex(key_of_all);
        return tls::make_client_context(credentials, {});
    }();
    return context;
}

/// A server context with a chain of three certificates, 4 kB in all.
inline std::shared_ptr<const tls::context> long_chain_server()
{
    static const auto context = [] {
        test::certificate_spec spec;
        for (int i = 0; i < 120; ++i)
            spec.dns_names.push_back("host-" + std::to_string(i) + ".long-chains.example");
        const auto root = test::make_ca("a root");
        auto middle = spec;
        middle.is_ca = true;
        const auto issuer = test::make_certificate(root, middle);
        const auto leaf = test::make_certificate(issuer, spec);
        server_credentials credentials;
        credentials.certificate = leaf.in_memory(issuer.certificate + root.certificate);
        return server_with(credentials);
    }();
    return context;
}

inline std::size_t bytes_sent(const world& around)
{
    std::size_t sum = 0;
    for (const auto& [path, datagram] : around.outgoing) sum += datagram.size();
    return sum;
}

inline std::size_t bytes_to(const world& around, const wire::path& path)
{
    std::size_t sum = 0;
    for (const auto& [to, datagram] : around.outgoing) sum += to == path ? datagram.size() : 0;
    return sum;
}

/// A hello that every server in these tests can answer, with `padding` extra bytes (RFC 7685). Each `random`
/// makes a different hello.
inline octets make_hello(std::size_t padding = 0, octets more_extensions = {}, unsigned random = 0x40)
{
    test::hello_builder hello;
    hello.random = counting(32, random);
    hello.suites = test::make_octets({0xc0, 0x2b, 0x00, 0xa8, 0xc0, 0x37});
    hello.extensions = test::make_extension(10, test::make_octets({0, 2, 0, 23})) +  // P-256
                       test::make_extension(11, test::make_octets({1, 0})) +         // uncompressed
                       test::make_extension(13, test::make_octets({0, 2, 4, 3})) +   // ECDSA, SHA-256
                       std::move(more_extensions);
    if (padding > 0) *hello.extensions = *hello.extensions + test::make_extension(21, octets(padding));
    return hello.record();
}

}  // namespace quivive::test
