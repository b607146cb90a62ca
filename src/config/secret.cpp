#include "quivive/credentials.hpp"

#include "wire/wipe.hpp"

#include <span>

namespace quivive {

namespace {

std::optional<unsigned> hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return {};
}

}  // namespace

certificate::~certificate() { wire::wipe(std::as_writable_bytes(std::span{key_pem})); }

secret::~secret() { wire::wipe(bytes_); }

std::optional<secret> secret::from_hex(std::string_view hex)
{
    if (hex.empty() || hex.size() % 2 != 0) return {};
    // Allocated at full size: a vector that grows leaves copies in freed memory.
    secret read{std::vector<std::byte>(hex.size() / 2)};
    for (std::size_t i = 0; i < read.bytes_.size(); ++i) {
        const auto high = hex_digit(hex[2 * i]);
        const auto low = hex_digit(hex[2 * i + 1]);
        if (!high || !low) return {};
        read.bytes_[i] = static_cast<std::byte>(*high << 4 | *low);
    }
    return read;
}

}  // namespace quivive
