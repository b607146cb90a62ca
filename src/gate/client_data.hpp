#pragma once

#include "wire/client_hello.hpp"
#include "wire/endpoint.hpp"

#include <array>

namespace quivive::gate {

/// The data that a cookie authenticates (RFC 6347 4.2.1). It covers both addresses and ports, and the
/// version, random, session id, cipher suites and compression methods of the ClientHello. It leaves out the
/// extensions, which some clients change between their two hellos. It also leaves out the cookie, the
/// message_seq and the record sequence number, which always change.
///
/// A first fragment may end before its cipher suites. Its cookie then leaves them out, and the first byte
/// records this. A cookie of one kind is not valid for the other.
class client_data {
public:
    /// Precondition: `fits(hello)`.
    client_data(const wire::client_hello_view& hello, const wire::path& path) noexcept;

    /// Returns whether the cipher suites fit into the covered data. IANA has registered under 400 of them.
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
