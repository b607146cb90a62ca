#include "tls/random.hpp"

#include "tls/handles.hpp"
#include "wire/secret_bytes.hpp"

#include <gnutls/crypto.h>

#include <string_view>

namespace quivive::tls {

void fill_random(std::span<std::byte> out)
{
    check(gnutls_rnd(GNUTLS_RND_KEY, out.data(), out.size()), "gnutls_rnd");
}

std::string random_hex(std::size_t bytes)
{
    wire::secret_bytes random(bytes);  // keys are made of these bytes
    fill_random(random);
    std::string text;
    text.reserve(2 * bytes);  // a reallocation would leave copies behind
    for (const auto each : random) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += digits[std::to_integer<unsigned>(each) >> 4];
        text += digits[std::to_integer<unsigned>(each) & 15];
    }
    return text;
}

}  // namespace quivive::tls
