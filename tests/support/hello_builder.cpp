#include "support/hello_builder.hpp"

#include "wire/handshake.hpp"

#include <algorithm>

namespace quivive::test {

namespace {

void add(octets& to, const octets& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

void add_integer(octets& to, std::uint64_t value, std::size_t width)
{
    to.resize(to.size() + width);
    wire::write_integer(std::span{to}.last(width), value);
}

void add_vector(octets& to, const octets& bytes, std::size_t width)
{
    add_integer(to, bytes.size(), width);
    add(to, bytes);
}

}  // namespace

octets make_octets(std::initializer_list<int> values)
{
    octets result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

octets counting(std::size_t size, unsigned first)
{
    octets result(size);
    for (auto& byte : result) byte = static_cast<std::byte>(first++ & 0xff);
    return result;
}

octets make_record(wire::content_type type, const octets& payload, std::uint16_t epoch,
                   std::uint64_t sequence, std::uint16_t version, std::optional<std::uint16_t> length)
{
    octets record;
    add_integer(record, static_cast<std::uint8_t>(type), 1);
    add_integer(record, version, 2);
    add_integer(record, epoch, 2);
    add_integer(record, sequence, 6);
    add_integer(record, length.value_or(static_cast<std::uint16_t>(payload.size())), 2);
    add(record, payload);
    return record;
}

octets make_extension(std::uint16_t type, const octets& body)
{
    octets extension;
    add_integer(extension, type, 2);
    add_vector(extension, body, 2);
    return extension;
}

octets make_server_name(std::string_view host)
{
    const auto name = wire::as_bytes(host);
    octets entry{std::byte{0}};
    add_vector(entry, {name.begin(), name.end()}, 2);
    octets list;
    add_vector(list, entry, 2);
    return make_extension(0, list);
}

octets operator+(octets left, const octets& right)
{
    add(left, right);
    return left;
}

octets hello_builder::body() const
{
    octets body;
    add_integer(body, version, 2);
    add(body, random);
    add_vector(body, session_id, 1);
    add_integer(body, cookie_length.value_or(static_cast<std::uint8_t>(cookie.size())), 1);
    add(body, cookie);
    add_vector(body, suites, 2);
    add_vector(body, compression, 1);
    if (extensions) add_vector(body, *extensions, 2);
    add(body, trailing);
    return body;
}

octets hello_builder::record() const { return fragment(0, body().size()); }

octets hello_builder::fragment(std::size_t offset, std::size_t size) const
{
    const auto whole = body();
    const auto from = whole.begin() + static_cast<std::ptrdiff_t>(std::min(offset, whole.size()));
    const auto count =
        static_cast<std::ptrdiff_t>(std::min(size, static_cast<std::size_t>(whole.end() - from)));
    octets message;
    add_integer(message, message_type, 1);
    add_integer(message, whole.size(), 3);
    add_integer(message, message_seq, 2);
    add_integer(message, offset, 3);
    add_vector(message, {from, from + count}, 3);
    return make_record(type, message, epoch, record_sequence, record_version);
}

}  // namespace quivive::test
