#pragma once

#include "wire/client_hello.hpp"
#include "wire/endpoint.hpp"

#include <array>

namespace quivive::gate {

/// What a cookie covers (RFC 6347 4.2.1): both addresses and ports, and of the
/// ClientHello its version, random, session id, cipher suites and compression methods. Not its extensions,
/// which some clients change between their two hellos; not the cookie, the message_seq, or the record's
/// number, which all change.
///
/// A first fragment may end before its suites. It is then covered without them, and the first byte says so: a
/// cookie for the one kind never passes for the other.
class client_data {
public:
    /// Precondition: `fits(hello)`.
    client_data(const wire::client_hello_view& hello, const wire::path& path) noexcept;

    /// Whether the hello's suites are few enough to be covered. IANA has registered under 400 of them.
    [[nodiscard]] static bool fits(const wire::client_hello_view& hello) noexcept
    {
        return hello.suites_and_compression.size() <= max_suites;
    }

    [[nodiscard]] wire::bytes bytes() const noexcept { return wire::bytes{data_}.first(size_); }

private:
    static constexpr std::size_t max_suites = 2'048;
    static constexpr std::size_t fixed = 1 + 2 * (16 + 2 + 4) + 2 + 32 + 1 + 32;

    void add(wire::bytes piece) noexcept;
    void add_integer(std::uint64_t value, std::size_t width) noexcept;
    void add_endpoint(const wire::endpoint& end) noexcept;

    std::array<std::byte, fixed + max_suites> data_;
    std::size_t size_ = 0;
};

}  // namespace quivive::gate
