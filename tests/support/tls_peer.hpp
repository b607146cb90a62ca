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

/// Returns a plaintext record, as anyone could forge it.
[[nodiscard]] octets plaintext_record(wire::content_type type, wire::bytes payload,
                                      std::uint64_t sequence = 7);

/// Returns a handshake message, or a fragment of one, in a plaintext record.
[[nodiscard]] octets handshake_record(wire::handshake_view message, std::uint64_t sequence = 7);

/// Joins the records of several datagrams into one.
[[nodiscard]] octets joined(std::span<const octets> datagrams);

/// A quivive server handshake whose client is a GnuTLS session independent of quivive.
struct tls_peer {
    /// Does not send the client's first flight yet.
    tls_peer(plain_client& client, std::shared_ptr<const tls::context> context,
             tls::handshake_settings settings = {}, tls::prestate start = {});

    /// Performs the handshake until neither side has anything to send.
    void settle();
    /// Returns the client's datagrams since the last call, one record each.
    [[nodiscard]] std::vector<octets> sent_by_client();
    /// Passes one of these records to the server.
    tls::feed_result feed(const octets& record);
    /// Runs the server's timer at its `next_wake()`.
    void on_timer();
    /// Continues the client's handshake as far as possible.
    void let_client_go_on();

    /// Takes over the results of the finished handshake, once the client has finished too.
    void establish();
    /// Precondition: established.
    record::opened open(const octets& record);
    /// Returns the plaintext of the last `open`.
    [[nodiscard]] std::string_view text(const record::opened& opened) const;
    /// Sends a message from the client to the server; empty when it does not arrive.
    [[nodiscard]] std::string_view echo(std::string_view message);

    /// Returns an authentic record of any type and content, sealed with the client's keys under its next
    /// sequence number.
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
