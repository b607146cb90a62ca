#include "tls/sealed_blob.hpp"

#include "record/aead.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/handles.hpp"
#include "tls/hkdf.hpp"
#include "tls/random.hpp"
#include "wire/wipe.hpp"

#include <algorithm>
#include <string_view>

namespace quivive::tls {

namespace {

/// The version is a part of it. Before version 2, every holder of the secret could open a blob.
constexpr std::string_view magic = "quivive session 2\n";
constexpr std::string_view label = "quivive session export 2";
constexpr std::string_view place_label = "quivive session place 2";
constexpr std::size_t serial_size = 16, time_size = 8, tag_size = 16;
constexpr std::size_t name_size = magic.size() + serial_size + time_size;

/// Returns a cipher for one blob only, so that its nonce may be zero.
std::unique_ptr<record::aead> cipher_of(const secret& shared, wire::bytes serial)
{
    std::array<std::byte, 32> key{};
    if (!hkdf_sha256(shared.bytes(), serial, wire::as_bytes(label), key)) return nullptr;
    auto cipher = make_gnutls_aead(record::cipher::aes_256_gcm, key);
    wire::wipe(key);
    return cipher;
}

wire::bytes serial_in(wire::bytes blob) noexcept { return blob.subspan(magic.size(), serial_size); }

}  // namespace

secret bind_secret(const secret& shared, wire::bytes place)
{
    std::vector<std::byte> bound(32);
    if (!hkdf_sha256(shared.bytes(), place, wire::as_bytes(place_label), bound))
        check(GNUTLS_E_INTERNAL_ERROR, "gnutls_hkdf_expand");
    return secret{std::move(bound)};
}

std::vector<std::byte> seal_blob(const secret& shared, wire::bytes content, std::chrono::sys_seconds now)
{
    std::vector<std::byte> blob(name_size + content.size() + tag_size);
    const std::span<std::byte> all{blob};
    std::ranges::copy(wire::as_bytes(magic), all.begin());
    fill_random(all.subspan(magic.size(), serial_size));
    wire::write_integer(all.subspan(magic.size() + serial_size, time_size),
                        static_cast<std::uint64_t>(now.time_since_epoch().count()));
    const auto cipher = cipher_of(shared, serial_in(blob));
    if (!cipher || !cipher->seal({}, all.first(name_size), content, all.subspan(name_size)))
        check(GNUTLS_E_ENCRYPTION_FAILED, "gnutls_aead_cipher_encrypt");
    return blob;
}

std::optional<blob_name> name_of_blob(wire::bytes blob) noexcept
{
    if (blob.size() < name_size + tag_size) return std::nullopt;
    wire::reader in{blob};
    if (wire::as_text(in.take(magic.size())) != magic) return std::nullopt;
    blob_name name;
    std::ranges::copy(in.take(serial_size), name.serial.begin());
    name.made = std::chrono::sys_seconds{std::chrono::seconds{in.integer(time_size)}};
    return name;
}

std::optional<std::vector<std::byte>> open_blob(const secret& shared, wire::bytes blob)
{
    if (!name_of_blob(blob)) return std::nullopt;
    const auto sealed = blob.subspan(name_size);
    std::vector<std::byte> content(sealed.size() - tag_size);
    const auto cipher = cipher_of(shared, serial_in(blob));
    if (!cipher || !cipher->open({}, blob.first(name_size), sealed, content)) return std::nullopt;
    return content;
}

}  // namespace quivive::tls
