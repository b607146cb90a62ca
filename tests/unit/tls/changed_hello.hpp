#pragma once

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

// Hellos with other extensions than GnuTLS sends, and the server's answers.
namespace quivive::test {

/// Extensions of a hello in order, each as type and body.
using extension_list = std::vector<std::pair<std::uint16_t, octets>>;

inline octets octets_of(wire::bytes view) { return {view.begin(), view.end()}; }

inline void append(octets& to, std::uint64_t value, std::size_t width)
{
    to.resize(to.size() + width);
    wire::write_integer(std::span{to}.last(width), value);
}

inline extension_list read_extensions(wire::reader in)
{
    extension_list list;
    wire::reader all{in.vector(2)};
    while (all.ok() && !all.done()) {
        const auto type = all.u16();
        list.emplace_back(type, octets_of(all.vector(2)));
    }
    REQUIRE(all.ok());
    return list;
}

/// Returns a hello with these extensions after all other fields, as one record.
inline octets hello_record(wire::handshake_type type, const octets& before, const extension_list& extensions)
{
    octets listed;
    for (const auto& [number, body] : extensions) listed = listed + make_extension(number, body);
    auto message = before;
    append(message, listed.size(), 2);
    message = message + listed;
    return handshake_record({type, static_cast<std::uint32_t>(message.size()), 0, 0, message}, 0);
}

/// The first hello of a quivive client, whose extensions can be changed.
struct client_hello {
    explicit client_hello(const tls::handshake_settings& settings)
    {
        queue_outbox out;
        const auto client = tls::make_client_handshake(any_client_context(), settings, {}, {}, out);
        const auto record = wire::first_record(out.datagrams.at(0)).value();
        wire::reader in{record.payload.subspan(12)};  // after the message's header
        (void)in.take(2 + 32);
        for (const auto width : std::initializer_list<std::size_t>{1, 1, 2, 1})
            (void)in.vector(width);  // session id, cookie, suites, compression methods
        before = octets_of(record.payload.subspan(12, record.payload.size() - 12 - in.rest().size()));
        extensions = read_extensions(in);
    }

    [[nodiscard]] octets record() const
    {
        return hello_record(wire::handshake_type::client_hello, before, extensions);
    }
    /// Returns the body of an extension that is present.
    octets& body_of(std::uint16_t type)
    {
        const auto found = std::ranges::find(extensions, type, &extension_list::value_type::first);
        REQUIRE(found != extensions.end());
        return found->second;
    }
    void remove(std::uint16_t type)
    {
        std::erase_if(extensions, [&](const auto& extension) { return extension.first == type; });
    }

    octets before;
    extension_list extensions;
};

/// Reads a ServerHello's body up to its extensions.
inline wire::reader behind_server_hello(wire::bytes body)
{
    wire::reader in{body};
    (void)in.take(2 + 32);
    (void)in.vector(1);
    (void)in.take(2 + 1);
    return in;
}

/// A server that has received one hello.
struct answer {
    answer(const octets& hello, const tls::handshake_settings& settings,
           std::shared_ptr<const tls::context> context = any_server_context())
        : server{tls::make_server_handshake(std::move(context), settings, {}, {})}
    {
        (void)server->feed(wire::first_record(hello).value(), time_point{}, out);
    }

    /// Returns whether the server continues the handshake.
    [[nodiscard]] bool accepted() const
    {
        return server->status() == tls::handshake_status::in_progress && !out.datagrams.empty() &&
               wire::first_record(out.datagrams.front())->is(wire::content_type::handshake);
    }
    /// Returns whether the server ends the handshake with a fatal alert (RFC 5246 7.2.2).
    [[nodiscard]] bool refused() const
    {
        if (server->status() != tls::handshake_status::failed || !server->error() ||
            out.datagrams.size() != 1)
            return false;
        const auto alert = wire::first_record(out.datagrams.front()).value();
        return alert.is(wire::content_type::alert) && alert.payload.size() == 2 &&
               alert.payload[0] == std::byte{2};
    }
    [[nodiscard]] int alert() const
    {
        return refused() ? std::to_integer<int>(wire::first_record(out.datagrams.front())->payload[1]) : -1;
    }
    /// Returns the body of an extension of the ServerHello, if present.
    [[nodiscard]] std::optional<octets> extension(std::uint16_t type) const
    {
        octets server_hello;
        for (const auto& datagram : out.datagrams) {
            wire::reader in{wire::first_record(datagram).value().payload};
            const auto fragment = wire::read_handshake(in);
            if (fragment.type != wire::handshake_type::server_hello) break;
            server_hello = server_hello + octets_of(fragment.body);
        }
        const auto extensions = read_extensions(behind_server_hello(server_hello));
        const auto found = std::ranges::find(extensions, type, &extension_list::value_type::first);
        return found == extensions.end() ? std::nullopt : std::optional{found->second};
    }

    std::unique_ptr<tls::handshake> server;
    queue_outbox out;
};

}  // namespace quivive::test
