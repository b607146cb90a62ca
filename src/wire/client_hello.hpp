#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"
#include "wire/record.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace quivive::wire {

/// A ClientHello (RFC 6347 4.2.1) that can be judged without state: the whole message, or a first fragment
/// that holds the whole cookie. All views point into the record.
struct client_hello_view {
    std::uint64_t record_sequence = 0;  ///< 48 bits, to be mirrored (RFC 6347 4.2.1)
    std::uint16_t record_version = 0;   ///< of the record's header
    std::uint16_t message_seq = 0;
    std::uint16_t version = 0;  ///< client_version
    bytes random;               ///< 32 bytes
    bytes session_id;           ///< 0..32 bytes
    bytes cookie;               ///< 0..255 bytes; empty: none
    /// The cipher suites and compression methods with their lengths, one after the other as on the wire.
    /// Empty when the fragment ends before them.
    bytes suites_and_compression;
    /// Without their own length; as far as the fragment has them, so that the last one may be cut.
    bytes extensions;
    bytes record;        ///< the whole record, for GnuTLS
    bool whole = false;  ///< not only a first fragment of the message
};

/// Reads a stranger's first record as a ClientHello, or says why it is dropped: `not_a_client_hello` is
/// another message, `hello_fragment` a first part that cannot be judged alone, `rest_of_challenged_hello` a
/// later part, `malformed_client_hello` one of which the lengths do not add up, or that is in a record which
/// no handshake takes in (`check_messages`). Allocates nothing and reads nothing beyond the record.
[[nodiscard]] std::variant<client_hello_view, drop_reason> read_client_hello(
    const record_view& record) noexcept;

/// Reads a whole ClientHello without the headers around it, which say nothing then.
[[nodiscard]] std::optional<client_hello_view> read_client_hello_body(bytes body) noexcept;

/// The body of an extension, if it is there and the extensions before it are well-formed.
[[nodiscard]] std::optional<bytes> find_extension(const client_hello_view& hello,
                                                  std::uint16_t type) noexcept;

/// The host_name of server_name (RFC 6066 3), or empty.
[[nodiscard]] std::string_view server_name(const client_hello_view& hello) noexcept;

/// The ProtocolNameList of ALPN (RFC 7301 3.1), or empty.
[[nodiscard]] bytes alpn_protocols(const client_hello_view& hello) noexcept;

/// The cipher suites, two bytes each (RFC 5246 7.4.1.2); empty when the fragment ends before them.
[[nodiscard]] bytes cipher_suites(const client_hello_view& hello) noexcept;

/// The versions of supported_versions (RFC 8446 4.2.1, RFC 9147 5.3), two bytes each; empty when there is
/// none, or none that is well-formed.
[[nodiscard]] bytes supported_versions(const client_hello_view& hello) noexcept;

/// The groups of supported_groups (RFC 8422 5.1.1), two bytes each. No value: the extension is not there, or
/// not well-formed.
[[nodiscard]] std::optional<bytes> supported_groups(const client_hello_view& hello) noexcept;

/// Whether a list of numbers of two bytes each has this one.
[[nodiscard]] bool has_number(bytes list, std::uint16_t number) noexcept;

/// Whether a non-empty session ticket is offered (RFC 5077 3.2).
[[nodiscard]] bool offers_ticket(const client_hello_view& hello) noexcept;

}  // namespace quivive::wire
