#include "wire/endpoint.hpp"

#include <algorithm>

namespace quivive::wire {

namespace {
constexpr std::array<std::byte, 12> mapped_prefix{
    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};
}

endpoint endpoint::v4(std::array<std::byte, 4> address, std::uint16_t port) noexcept
{
    endpoint result;
    std::ranges::copy(mapped_prefix, result.address.begin());
    std::ranges::copy(address, result.address.begin() + 12);
    result.port = port;
    return result;
}

bool endpoint::is_v4() const noexcept
{
    return std::ranges::equal(mapped_prefix, std::span{address}.first<12>());
}

}  // namespace quivive::wire
