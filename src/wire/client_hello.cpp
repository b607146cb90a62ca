#include "wire/client_hello.hpp"

#include "wire/handshake.hpp"

#include <algorithm>

namespace quivive::wire {

namespace {

constexpr std::uint16_t extension_server_name = 0;
constexpr std::uint16_t extension_supported_groups = 10;
constexpr std::uint16_t extension_alpn = 16;
constexpr std::uint16_t extension_session_ticket = 35;
constexpr std::uint16_t extension_supported_versions = 43;

/// Reads the message up to and including the cookie. Returns false when the fragment ends before that, or a
/// length is invalid.
bool read_up_to_cookie(reader& in, client_hello_view& hello) noexcept
{
    hello.version = in.u16();
    hello.random = in.take(32);
    hello.session_id = in.vector(1);
    hello.cookie = in.vector(1);
    return in.ok();
}

/// Reads cipher suites and compression methods. A fragment may end before or in them, a whole message must
/// not.
bool read_suites(reader& in, bool whole, client_hello_view& hello) noexcept
{
    const auto begin = in.rest();
    const auto suites = in.vector(2);
    const auto compression = in.vector(1);
    if (!in.ok()) return !whole;
    hello.suites_and_compression = begin.first(begin.size() - in.rest().size());
    return !suites.empty() && suites.size() % 2 == 0 && !compression.empty();
}

/// Reads the extensions. They may be absent (RFC 5246 7.4.1.2) or cut off at the end of a fragment, but
/// nothing may follow them.
bool read_extensions(reader& in, bool whole, client_hello_view& hello) noexcept
{
    if (in.done()) return true;
    const auto size = in.u16();
    if (!in.ok()) return !whole;
    hello.extensions = in.take(std::min<std::size_t>(size, in.rest().size()));
    return hello.extensions.size() == size ? in.done() : !whole;
}

/// Reads the message after its headers. Returns the reason to drop it, or an empty value when it is valid.
std::optional<drop_reason> read_body(bytes body, bool whole, client_hello_view& hello) noexcept
{
    reader in{body};
    // RFC 6347 4.2.3: without state, only a first fragment with the whole cookie can be processed.
    if (!read_up_to_cookie(in, hello))
        return whole ? drop_reason::malformed_client_hello : drop_reason::hello_fragment;
    if (hello.version >> 8 != 0xfe || hello.session_id.size() > 32)
        return drop_reason::malformed_client_hello;
    if (!read_suites(in, whole, hello) || !read_extensions(in, whole, hello))
        return drop_reason::malformed_client_hello;
    return std::nullopt;
}

}  // namespace

std::variant<client_hello_view, drop_reason> read_client_hello(const record_view& record) noexcept
{
    if (record.epoch != 0 || !record.is(content_type::handshake)) return drop_reason::not_a_client_hello;
    reader outer{record.payload};
    const auto message = read_handshake(outer);
    if (message.type != handshake_type::client_hello) return drop_reason::not_a_client_hello;
    // A handshake would drop the whole record without a response.
    if (check_messages(record.payload)) return drop_reason::malformed_client_hello;
    if (message.fragment_offset != 0) return drop_reason::rest_of_challenged_hello;
    if (message.body.size() > message.length) return drop_reason::malformed_client_hello;

    client_hello_view hello;
    hello.record_sequence = record.sequence;
    hello.record_version = record.version;
    hello.message_seq = message.message_seq;
    hello.record = record.whole;
    hello.whole = message.whole();
    if (const auto problem = read_body(message.body, hello.whole, hello)) return *problem;
    return hello;
}

std::optional<client_hello_view> read_client_hello_body(bytes body) noexcept
{
    client_hello_view hello;
    hello.whole = true;
    if (read_body(body, hello.whole, hello)) return std::nullopt;
    return hello;
}

std::optional<bytes> find_extension(const client_hello_view& hello, std::uint16_t type) noexcept
{
    reader in{hello.extensions};
    while (!in.done()) {
        const auto found = in.u16();
        const auto body = in.vector(2);
        if (!in.ok()) return std::nullopt;
        if (found == type) return body;
    }
    return std::nullopt;
}

std::string_view server_name(const client_hello_view& hello) noexcept
{
    const auto body = find_extension(hello, extension_server_name);
    if (!body) return {};
    reader in{*body};
    reader names{in.vector(2)};
    while (in.ok() && !names.done()) {
        const auto type = names.u8();
        const auto name = names.vector(2);
        if (names.ok() && type == 0) return as_text(name);
    }
    return {};
}

bytes alpn_protocols(const client_hello_view& hello) noexcept
{
    const auto body = find_extension(hello, extension_alpn);
    if (!body) return {};
    reader in{*body};
    const auto list = in.vector(2);
    return in.ok() && in.done() ? list : bytes{};
}

bytes cipher_suites(const client_hello_view& hello) noexcept
{
    reader in{hello.suites_and_compression};
    return in.vector(2);
}

bytes supported_versions(const client_hello_view& hello) noexcept
{
    const auto body = find_extension(hello, extension_supported_versions);
    if (!body) return {};
    reader in{*body};
    const auto list = in.vector(1);
    return in.ok() && in.done() && list.size() % 2 == 0 ? list : bytes{};
}

std::optional<bytes> supported_groups(const client_hello_view& hello) noexcept
{
    const auto body = find_extension(hello, extension_supported_groups);
    if (!body) return std::nullopt;
    reader in{*body};
    const auto list = in.vector(2);
    if (!in.ok() || !in.done()) return std::nullopt;
    return list;
}

bool has_number(bytes list, std::uint16_t number) noexcept
{
    for (reader in{list}; !in.done();)
        if (in.u16() == number && in.ok()) return true;
    return false;
}

bool offers_ticket(const client_hello_view& hello) noexcept
{
    const auto body = find_extension(hello, extension_session_ticket);
    return body && !body->empty();
}

}  // namespace quivive::wire
