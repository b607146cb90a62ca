#pragma once

#include "wire/bytes.hpp"
#include "wire/record.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace quivive::test {

using octets = std::vector<std::byte>;

[[nodiscard]] octets make_octets(std::initializer_list<int> values);
/// Returns `size` bytes that count up from `first`.
[[nodiscard]] octets counting(std::size_t size, unsigned first = 0);

/// Returns one record with any header (RFC 6347 4.1). The length is that of the payload unless `length` is
/// given.
[[nodiscard]] octets make_record(wire::content_type type, const octets& payload, std::uint16_t epoch = 0,
                                 std::uint64_t sequence = 0, std::uint16_t version = wire::dtls_1_2,
                                 std::optional<std::uint16_t> length = {});

/// Returns one extension of a ClientHello (RFC 5246 7.4.1.4).
[[nodiscard]] octets make_extension(std::uint16_t type, const octets& body);

/// Returns the server_name extension with one host name (RFC 6066 3).
[[nodiscard]] octets make_server_name(std::string_view host);

[[nodiscard]] octets operator+(octets left, const octets& right);

/// Makes ClientHello records. Every field can be set, including to values that no client would send.
struct hello_builder {
    // The record.
    wire::content_type type = wire::content_type::handshake;
    std::uint16_t record_version = wire::dtls_1_0;
    std::uint16_t epoch = 0;
    std::uint64_t record_sequence = 0;
    // The handshake message.
    std::uint8_t message_type = 1;
    std::uint16_t message_seq = 0;
    // The ClientHello.
    std::uint16_t version = wire::dtls_1_2;
    octets random = counting(32, 0x40);
    octets session_id;
    octets cookie;
    std::optional<std::uint8_t> cookie_length;  ///< instead of the cookie's own
    octets suites = {std::byte{0xc0}, std::byte{0x2b}, std::byte{0xc0}, std::byte{0x2f}};
    octets compression = {std::byte{0}};
    std::optional<octets> extensions;  ///< without their total length; nullopt: the length is absent too
    octets trailing;                   ///< bytes after the end of the ClientHello

    /// Returns the body of the whole message.
    [[nodiscard]] octets body() const;
    /// Returns the record with the whole message.
    [[nodiscard]] octets record() const;
    /// Returns the record with at most `size` bytes of the message from `offset` (RFC 6347 4.2.3).
    [[nodiscard]] octets fragment(std::size_t offset, std::size_t size) const;
};

}  // namespace quivive::test
