#pragma once

#include "support/plain_session.hpp"
#include "support/tls_pair.hpp"
#include "tls/handshake.hpp"
#include "wire/handshake.hpp"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace quivive::test {

/// A record in the clear, as anyone could forge it.
[[nodiscard]] octets plaintext_record(wire::content_type type, wire::bytes payload,
                                      std::uint64_t sequence = 7);

/// A handshake message, or a fragment of one, in such a record.
[[nodiscard]] octets handshake_record(wire::handshake_view message, std::uint64_t sequence = 7);

/// Puts the records of several datagrams into one.
[[nodiscard]] octets joined(std::span<const octets> datagrams);

/// A server of ours whose client is a GnuTLS session that knows nothing of quivive.
struct tls_peer {
    /// The client's first flight is not sent yet.
    tls_peer(plain_client& client, std::shared_ptr<const tls::context> context,
             tls::handshake_settings settings = {}, tls::prestate start = {});

    /// Has both shake hands, until neither has anything to say.
    void settle();
    /// What the client has sent since the last call, a record each.
    [[nodiscard]] std::vector<octets> sent_by_client();
    /// One record of this.
    tls::feed_result feed(const octets& record);
    /// It is the server's `next_wake()`.
    void on_timer();
    /// The client shakes hands as far as it can.
    void let_client_go_on();

    /// Takes over what the finished handshake hands over, once the client has finished too.
    void establish();
    /// Precondition: established.
    record::opened open(const octets& record);
    /// What `open` gave last.
    [[nodiscard]] std::string_view text(const record::opened& opened) const;
    /// Sends a message of the client to the server; empty when it does not arrive.
    [[nodiscard]] std::string_view echo(std::string_view message);

    /// A record of any type and content, authentic: sealed with the client's keys under its next number.
    [[nodiscard]] octets sealed_by_client(wire::content_type type, wire::bytes plaintext);

    plain_client& client;
    time_point now{std::chrono::hours{1}};
    wire::path path;
    std::unique_ptr<tls::handshake> server;
    std::unique_ptr<record::protection> protection;
    tls::flight last_flight{1'200, 0};
    std::vector<octets> sent_by_server;  ///< datagrams

private:
    void deliver();

    queue_outbox to_client_;
    std::size_t taken_ = 0;
    std::vector<std::byte> plaintext_ = std::vector<std::byte>(20'000);
};

}  // namespace quivive::test
