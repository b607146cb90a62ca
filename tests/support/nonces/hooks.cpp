// Interposes GnuTLS functions, linked into an executable or by LD_PRELOAD: the dynamic linker finds these
// functions first. They report every seal operation to the nonce table: those of quivive's record
// protection and blobs (gnutls_aead_cipher_encrypt), and those of GnuTLS sessions, whose records are read
// from their push function.
#include "support/nonces/table.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory_resource>
#include <mutex>
#include <span>

namespace {

using quivive::test::nonce_table;
using nonce = std::array<std::byte, 12>;

template <typename Function>
Function* real(Function*, const char* name) noexcept
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

#define REAL(name) static auto* const name##_of_gnutls = real(::name, #name)

/// Not on the heap, since tests count each byte of it.
std::pmr::memory_resource& memory()
{
    constexpr std::size_t size = std::size_t{1} << 28;
    static std::pmr::monotonic_buffer_resource all{
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), size,
        std::pmr::null_memory_resource()};
    static std::pmr::unsynchronized_pool_resource pools{&all};
    return pools;
}

/// A cipher with its key.
struct cipher {
    std::uint64_t key = 0;
    bool has_opened = false;
    nonce opened{};                      ///< the nonce of the last record that it opened
    std::size_t additional_of_opened{};  ///< bytes
};

/// The argument of a GnuTLS push function: the session and the original function.
struct pushing {
    gnutls_session_t session = nullptr;
    gnutls_push_func push = nullptr;
};

struct known {
    std::mutex mutex;
    std::pmr::map<gnutls_aead_cipher_hd_t, cipher> ciphers{&memory()};
    std::pmr::map<gnutls_session_t, gnutls_transport_ptr_t> sessions{&memory()};
    std::pmr::map<gnutls_transport_ptr_t, pushing> channels{&memory()};
};

known& all()
{
    static auto& made = *new known;  // never destroyed: other code may seal at the very end
    return made;
}

/// Opened at start-up, while file descriptors are left.
[[maybe_unused]] const nonce_table& opened_at_once = nonce_table::of_process();

std::uint64_t key_of(const void* bytes, std::size_t size) noexcept
{
    return nonce_table::digest(static_cast<const std::byte*>(bytes), size, 1);
}

nonce nonce_from(const void* bytes, std::size_t size) noexcept
{
    nonce made{};
    std::memcpy(made.data(), bytes, std::min(size, made.size()));
    return made;
}

/// Notes a record that GnuTLS has protected by an AEAD cipher. The nonce is the IV and 8 bytes of the
/// record (RFC 5288 3), or the IV XOR the sequence number (RFC 7905 2). CBC suites have no nonce.
void note_pushed(gnutls_session_t session, std::span<const std::byte> record)
{
    constexpr std::size_t header = 13;
    if (record.size() < header + 8 || (record[3] == std::byte{0} && record[4] == std::byte{0})) return;
    gnutls_datum_t mac{}, iv{}, key{};
    std::array<unsigned char, 8> number{};
    if (gnutls_record_get_state(session, 0, &mac, &iv, &key, number.data()) != 0 || mac.size != 0) return;
    auto made = nonce_from(iv.data, iv.size);
    if (iv.size == 4)
        std::copy_n(record.begin() + header, 8, made.begin() + 4);
    else if (iv.size == 12)
        for (std::size_t i = 0; i < 8; ++i) made[4 + i] ^= record[3 + i];
    else
        return;
    nonce_table::of_process().note(key_of(key.data, key.size), made.data(), made.size());
}

ssize_t push(gnutls_transport_ptr_t to, const void* data, std::size_t size)
{
    pushing found;
    {
        const std::lock_guard lock{all().mutex};
        found = all().channels[to];
    }
    note_pushed(found.session, {static_cast<const std::byte*>(data), size});
    return found.push(to, data, size);
}

}  // namespace

extern "C" int gnutls_aead_cipher_init(gnutls_aead_cipher_hd_t* handle, gnutls_cipher_algorithm_t algorithm,
                                       const gnutls_datum_t* key)
{
    REAL(gnutls_aead_cipher_init);
    const auto code = gnutls_aead_cipher_init_of_gnutls(handle, algorithm, key);
    const std::lock_guard lock{all().mutex};
    if (code == 0) all().ciphers[*handle] = {.key = key_of(key->data, key->size)};
    return code;
}

extern "C" void gnutls_aead_cipher_deinit(gnutls_aead_cipher_hd_t handle)
{
    REAL(gnutls_aead_cipher_deinit);
    {
        const std::lock_guard lock{all().mutex};
        all().ciphers.erase(handle);
    }
    gnutls_aead_cipher_deinit_of_gnutls(handle);
}

extern "C" int gnutls_aead_cipher_decrypt(gnutls_aead_cipher_hd_t handle, const void* unique,
                                          size_t unique_size, const void* additional, size_t additional_size,
                                          size_t tag_size, const void* sealed, size_t sealed_size, void* text,
                                          size_t* text_size)
{
    REAL(gnutls_aead_cipher_decrypt);
    const auto code =
        gnutls_aead_cipher_decrypt_of_gnutls(handle, unique, unique_size, additional, additional_size,
                                             tag_size, sealed, sealed_size, text, text_size);
    const std::lock_guard lock{all().mutex};
    auto& by = all().ciphers[handle];
    by.has_opened = code == 0;
    by.opened = nonce_from(unique, unique_size);
    by.additional_of_opened = additional_size;
    return code;
}

/// A record that is opened and sealed again under the same nonce, with other additional data, is being
/// reframed between GnuTLS, which does not support connection ids, and the wire (tls/reseal: reframe). The
/// version without an id never leaves the process.
extern "C" int gnutls_aead_cipher_encrypt(gnutls_aead_cipher_hd_t handle, const void* unique,
                                          size_t unique_size, const void* additional, size_t additional_size,
                                          size_t tag_size, const void* text, size_t text_size, void* sealed,
                                          size_t* sealed_size)
{
    REAL(gnutls_aead_cipher_encrypt);
    const auto code =
        gnutls_aead_cipher_encrypt_of_gnutls(handle, unique, unique_size, additional, additional_size,
                                             tag_size, text, text_size, sealed, sealed_size);
    if (code != 0) return code;
    const auto made = nonce_from(unique, unique_size);
    const std::lock_guard lock{all().mutex};
    auto& by = all().ciphers[handle];
    const bool reframes = by.has_opened && by.opened == made && by.additional_of_opened != additional_size;
    by.has_opened = false;
    if (reframes)
        nonce_table::of_process().note_reframed();
    else
        nonce_table::of_process().note(by.key, made.data(), made.size());
    return code;
}

extern "C" void gnutls_transport_set_ptr(gnutls_session_t session, gnutls_transport_ptr_t pointer)
{
    REAL(gnutls_transport_set_ptr);
    {
        const std::lock_guard lock{all().mutex};
        auto& former = all().sessions[session];
        const auto channel = all().channels.extract(former);
        all().channels[pointer] = {session, channel ? channel.mapped().push : nullptr};
        former = pointer;
    }
    gnutls_transport_set_ptr_of_gnutls(session, pointer);
}

extern "C" void gnutls_transport_set_push_function(gnutls_session_t session, gnutls_push_func function)
{
    REAL(gnutls_transport_set_push_function);
    {
        const std::lock_guard lock{all().mutex};
        all().channels[all().sessions[session]] = {session, function};
    }
    gnutls_transport_set_push_function_of_gnutls(session, push);
}

extern "C" void gnutls_deinit(gnutls_session_t session)
{
    REAL(gnutls_deinit);
    gnutls_deinit_of_gnutls(session);
    const std::lock_guard lock{all().mutex};
    if (const auto found = all().sessions.find(session); found != all().sessions.end()) {
        all().channels.erase(found->second);
        all().sessions.erase(found);
    }
}
