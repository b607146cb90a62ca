#include "tls/hkdf.hpp"

#include "quivive/credentials.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace quivive;

namespace {

std::vector<std::byte> from_hex(const std::string& hex)
{
    return hex.empty() ? std::vector<std::byte>{} : secret::from_hex(hex).value().bytes();
}

}  // namespace

TEST_CASE("RFC 5869 A.1 to A.3: the test vectors of HKDF with SHA-256")
{
    struct vector {
        std::string secret, salt, info, out;
    };
    std::string counting, long_salt, long_info;
    const auto hex = [](int from, int to) {
        std::string text;
        for (int i = from; i <= to; ++i) {
            text += "0123456789abcdef"[i / 16];
            text += "0123456789abcdef"[i % 16];
        }
        return text;
    };
    const auto& [secret, salt, info, out] = GENERATE_COPY(values<vector>(
        {{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", hex(0x00, 0x0c), hex(0xf0, 0xf9),
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
         {hex(0x00, 0x4f), hex(0x60, 0xaf), hex(0xb0, 0xff),
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da"
          "32756"
          "00c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
         {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"}}));
    const auto expected = from_hex(out);
    std::vector<std::byte> made(expected.size());
    CHECK(tls::hkdf_sha256(from_hex(secret), from_hex(salt), from_hex(info), made));
    CHECK(made == expected);
}

TEST_CASE("RFC 5869 2.3: more than 255 blocks are refused")
{
    std::vector<std::byte> most(8'160), more(8'161);
    const auto secret = from_hex("00112233445566778899aabbccddeeff");
    CHECK(tls::hkdf_sha256(secret, {}, {}, most));
    CHECK_FALSE(tls::hkdf_sha256(secret, {}, {}, more));
}
