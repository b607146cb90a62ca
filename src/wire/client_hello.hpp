#pragma once

#include "quivive/drop_reason.hpp"
#include "wire/bytes.hpp"
#include "wire/record.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace quivive::wire {

/// A ClientHello (RFC 6347 4.2.1) that can be processed without state: the whole message, or a first fragment
/// with the whole cookie. All views point into the record.
struct client_hello_view {
    std::uint64_t record_sequence = 0;  ///< 48 bits, to be copied into the response (RFC 6347 4.2.1)
    std::uint16_t record_version = 0;   ///< version in the record header
    std::uint16_t message_seq = 0;
    std::uint16_t version = 0;  ///< client_version
    bytes random;               ///< 32 bytes
    bytes session_id;           ///< 0..32 bytes
    bytes cookie;               ///< 0..255 bytes; empty: none
    /// Cipher suites, then compression methods, each with its length, as on the wire. Empty when the fragment
    /// ends before the end of the compression methods.
    bytes suites_and_compression;
    /// Extensions without the length of the block, as far as the fragment contains them. The last extension
    /// may be cut off.
    bytes extensions;
    bytes record;        ///< the whole record, for GnuTLS
    bool whole = false;  ///< true for the whole message, false for a first fragment
};

/// Reads the first record of an unknown peer as a ClientHello, or returns the reason to drop it:
/// - `not_a_client_hello`: another message
/// - `hello_fragment`: a first fragment that ends before the end of the cookie
/// - `rest_of_challenged_hello`: a later fragment
/// - `malformed_client_hello`: inconsistent lengths, or a record that no handshake accepts (`check_messages`)
///
/// Allocates no memory and does not read beyond the record.
[[nodiscard]] std::variant<client_hello_view, drop_reason> read_client_hello(
    const record_view& record) noexcept;

/// Reads a whole ClientHello without record and handshake headers. Fields from those headers keep their
/// defaults.
[[nodiscard]] std::optional<client_hello_view> read_client_hello_body(bytes body) noexcept;

/// Returns the body of an extension, if it is present and the extensions before it are well-formed.
[[nodiscard]] std::optional<bytes> find_extension(const client_hello_view& hello,
                                                  std::uint16_t type) noexcept;

/// Returns the host_name of server_name (RFC 6066 3), or an empty view.
[[nodiscard]] std::string_view server_name(const client_hello_view& hello) noexcept;

/// Returns the ProtocolNameList of ALPN (RFC 7301 3.1), or an empty view.
[[nodiscard]] bytes alpn_protocols(const client_hello_view& hello) noexcept;

/// Returns the cipher suites, two bytes each (RFC 5246 7.4.1.2). Empty when `suites_and_compression` is.
[[nodiscard]] bytes cipher_suites(const client_hello_view& hello) noexcept;

/// Returns the versions of supported_versions (RFC 8446 4.2.1, RFC 9147 5.3), two bytes each. Empty when the
/// extension is absent or malformed.
[[nodiscard]] bytes supported_versions(const client_hello_view& hello) noexcept;

/// Returns the groups of supported_groups (RFC 8422 5.1.1), two bytes each. No value when the extension is
/// absent or malformed.
[[nodiscard]] std::optional<bytes> supported_groups(const client_hello_view& hello) noexcept;

/// Returns whether a list of two-byte numbers contains `number`.
[[nodiscard]] bool has_number(bytes list, std::uint16_t number) noexcept;

/// Returns whether the client offers a non-empty session ticket (RFC 5077 3.2).
[[nodiscard]] bool offers_ticket(const client_hello_view& hello) noexcept;

}  // namespace quivive::wire
