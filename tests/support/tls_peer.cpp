#include "support/tls_peer.hpp"

#include <gnutls/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

namespace quivive::test {

using namespace quivive::tls;

namespace {

void append_integer(octets& out, std::uint64_t value, std::size_t width)
{
    out.resize(out.size() + width);
    wire::write_integer(std::span{out}.last(width), value);
}

void append(octets& out, wire::bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

octets record_header(wire::content_type type, std::uint64_t number, std::size_t size)
{
    octets out;
    append_integer(out, static_cast<std::uint64_t>(type), 1);
    append_integer(out, wire::dtls_1_2, 2);
    append_integer(out, number, 8);
    append_integer(out, size, 2);
    return out;
}

wire::bytes view(const plain_session::datagram& datagram) { return std::as_bytes(std::span{datagram}); }

}  // namespace

octets plaintext_record(wire::content_type type, wire::bytes payload, std::uint64_t sequence)
{
    auto out = record_header(type, sequence, payload.size());
    append(out, payload);
    return out;
}

octets handshake_record(wire::handshake_view message, std::uint64_t sequence)
{
    octets payload;
    append_integer(payload, static_cast<std::uint64_t>(message.type), 1);
    append_integer(payload, message.length, 3);
    append_integer(payload, message.message_seq, 2);
    append_integer(payload, message.fragment_offset, 3);
    append_integer(payload, message.body.size(), 3);
    append(payload, message.body);
    return plaintext_record(wire::content_type::handshake, payload, sequence);
}

octets joined(std::span<const octets> datagrams)
{
    octets all;
    for (const auto& datagram : datagrams) append(all, datagram);
    return all;
}

tls_peer::tls_peer(plain_client& with, std::shared_ptr<const context> context, handshake_settings settings,
                   prestate start)
    : client{with}, server{make_server_handshake(std::move(context), settings, start, path)}
{
}

/// Delivers the server's datagrams to the client.
void tls_peer::deliver()
{
    for (auto& datagram : to_client_.datagrams) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(datagram.data());
        client.session.incoming.emplace_back(bytes, bytes + datagram.size());
        sent_by_server.push_back(std::move(datagram));
    }
    to_client_.datagrams.clear();
}

void tls_peer::let_client_go_on()
{
    do client.session.step();
    while (!client.session.incoming.empty() && !client.session.done());
}

std::vector<octets> tls_peer::sent_by_client()
{
    std::vector<octets> records;
    for (; taken_ < client.session.sent.size(); ++taken_) {
        const auto datagram = view(client.session.sent[taken_]);
        const octets bytes{datagram.begin(), datagram.end()};
        for (const auto& record : records_of(bytes))
            records.emplace_back(record.whole.begin(), record.whole.end());
    }
    return records;
}

feed_result tls_peer::feed(const octets& record)
{
    const auto result = server->feed(records_of(record).front(), now, to_client_);
    deliver();
    return result;
}

void tls_peer::on_timer()
{
    server->on_timer(now, to_client_);
    deliver();
}

void tls_peer::settle()
{
    for (let_client_go_on();; let_client_go_on()) {
        const auto records = sent_by_client();
        if (records.empty()) break;
        for (const auto& record : records) (void)feed(record);
    }
}

void tls_peer::establish()
{
    if (!client.session.done()) let_client_go_on();
    last_flight = server->take_last_flight();
    protection = server->take_protection();
}

record::opened tls_peer::open(const octets& record)
{
    const auto result = protection->open(records_of(record).front(), plaintext_, path, to_client_);
    deliver();
    return result;
}

std::string_view tls_peer::text(const record::opened& opened) const
{
    return wire::as_text(wire::bytes{plaintext_}.first(opened.size));
}

std::string_view tls_peer::echo(std::string_view message)
{
    check(static_cast<int>(gnutls_record_send(client.session.get(), message.data(), message.size())),
          "gnutls_record_send");
    const auto opened = open(sent_by_client().back());
    return opened.kind == record::opened_kind::message ? text(opened) : std::string_view{};
}

octets tls_peer::sealed_by_client(wire::content_type type, wire::bytes plaintext)
{
    const auto session = client.session.get();
    gnutls_datum_t mac{}, iv{}, key{};
    std::array<unsigned char, 8> next{};
    check(gnutls_record_get_state(session, 0, &mac, &iv, &key, next.data()), "gnutls_record_get_state");
    const auto number = wire::reader{std::as_bytes(std::span{next})}.integer(8);

    // AES-GCM (RFC 5288 3).
    octets nonce;
    append(nonce, std::as_bytes(std::span{iv.data, 4}));
    append_integer(nonce, number, 8);
    octets additional;
    append_integer(additional, number, 8);
    append_integer(additional, static_cast<std::uint64_t>(type), 1);
    append_integer(additional, wire::dtls_1_2, 2);
    append_integer(additional, plaintext.size(), 2);

    const auto cipher = make_handle<handle<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>>(
        "gnutls_aead_cipher_init", gnutls_aead_cipher_init, gnutls_cipher_get(session), &key);
    octets sealed(plaintext.size() + 16);
    auto size = sealed.size();
    check(gnutls_aead_cipher_encrypt(cipher.get(), nonce.data(), nonce.size(), additional.data(),
                                     additional.size(), 16, plaintext.data(), plaintext.size(), sealed.data(),
                                     &size),
          "gnutls_aead_cipher_encrypt");
    auto out = record_header(type, number, 8 + sealed.size());
    append_integer(out, number, 8);
    append(out, sealed);

    wire::write_integer(std::as_writable_bytes(std::span{next}), number + 1);
    check(gnutls_record_set_state(session, 0, next.data()), "gnutls_record_set_state");
    return out;
}

}  // namespace quivive::test
