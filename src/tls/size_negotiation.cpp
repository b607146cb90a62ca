#include "tls/size_negotiation.hpp"

#include "tls/handles.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace quivive::tls {

namespace {

constexpr std::uint16_t max_fragment_length_extension = 1;  // RFC 6066 4
constexpr std::uint16_t record_size_limit_extension = 28;   // RFC 8449 4

constexpr std::size_t min_size_limit = 64;  // RFC 8449 4

size_negotiation& of(gnutls_session_t session) noexcept
{
    gnutls_ext_priv_data_t data = nullptr;
    (void)gnutls_ext_get_data(session, record_size_limit_extension, &data);
    return *static_cast<size_negotiation*>(data);
}

/// Replaces GnuTLS's functions by these. Mandatory: GnuTLS calls them also when the session is resumed.
int replace_extension(gnutls_session_t session, const char* name, unsigned type, gnutls_ext_recv_func hear,
                      gnutls_ext_send_func say, unsigned more_flags = 0) noexcept
{
    return gnutls_session_ext_register(
        session, name, static_cast<int>(type), GNUTLS_EXT_MANDATORY, hear, say, nullptr, nullptr, nullptr,
        GNUTLS_EXT_FLAG_OVERRIDE_INTERNAL | GNUTLS_EXT_FLAG_CLIENT_HELLO |
            GNUTLS_EXT_FLAG_TLS12_SERVER_HELLO | GNUTLS_EXT_FLAG_DTLS | more_flags);
}

}  // namespace

void size_negotiation::attach_to_client(gnutls_session_t session)
{
    // GnuTLS's client always offers its own record_size_limit, also when quivive registers a function. This
    // function therefore only reads the answer. GnuTLS does not count its own offer as one of this
    // function's. GnuTLS's client never offers a max_fragment_length, and refuses the answer of a server that
    // sends one.
    check(replace_extension(session, "record_size_limit", record_size_limit_extension, &receive_size_limit,
                            nullptr, GNUTLS_EXT_FLAG_IGNORE_CLIENT_REQUEST),
          "gnutls_session_ext_register");
    gnutls_ext_set_data(session, record_size_limit_extension, this);
}

int size_negotiation::on_client_hello(gnutls_session_t session, const wire::client_hello_view& hello) noexcept
{
    const bool length = wire::find_extension(hello, max_fragment_length_extension).has_value();
    const bool limit = wire::find_extension(hello, record_size_limit_extension).has_value();
    int failed = 0;
    if (length)
        failed = replace_extension(session, "max_fragment_length", max_fragment_length_extension,
                                   &receive_fragment_length, &send_fragment_length);
    if (limit && failed >= 0)
        failed = replace_extension(session, "record_size_limit", record_size_limit_extension,
                                   &receive_size_limit, &send_size_limit);
    if ((length || limit) && failed >= 0) gnutls_ext_set_data(session, record_size_limit_extension, this);
    return failed;
}

/// The value is checked only when the server responds. A record_size_limit may follow, and overrides even an
/// invalid value (RFC 8449 5).
int size_negotiation::receive_fragment_length(gnutls_session_t session, const unsigned char* data,
                                              std::size_t size) noexcept
{
    constexpr unsigned char last_code = 4;
    const bool known = size == 1 && data[0] >= 1 && data[0] <= last_code;
    of(session).length_code_ = known ? data[0] : static_cast<unsigned char>(0);
    return 0;
}

int size_negotiation::send_fragment_length(gnutls_session_t session, gnutls_buffer_t out) noexcept
{
    auto& self = of(session);
    if (self.size_limit_received_ || !self.length_code_) return 0;
    const auto code = *self.length_code_;
    if (code == 0) return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
    if (const int failed = gnutls_buffer_append_data(out, &code, 1); failed < 0) return failed;
    self.limit_ = static_cast<std::uint16_t>(256U << code);
    return 1;
}

int size_negotiation::receive_size_limit(gnutls_session_t session, const unsigned char* data,
                                         std::size_t size) noexcept
{
    wire::reader in{std::as_bytes(std::span{data, size})};
    const std::size_t limit = in.u16();
    if (!in.ok() || !in.done()) return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
    if (limit < min_size_limit) return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
    auto& self = of(session);
    self.size_limit_received_ = true;
    // A larger limit is for versions of the protocol that allow it.
    self.limit_ = static_cast<std::uint16_t>(std::min(limit, wire::max_record_plaintext));
    return 0;
}

/// The server accepts every size that the protocol allows.
int size_negotiation::send_size_limit(gnutls_session_t session, gnutls_buffer_t out) noexcept
{
    if (!of(session).size_limit_received_) return 0;
    std::array<std::byte, 2> limit{};
    wire::write_integer(limit, wire::max_record_plaintext);
    if (const int failed = gnutls_buffer_append_data(out, limit.data(), limit.size()); failed < 0)
        return failed;
    return static_cast<int>(limit.size());
}

}  // namespace quivive::tls
