#include "support/seeded_tls.hpp"

#include "support/seeded_random.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <dlfcn.h>

#include <cstring>
#include <ctime>

// Private to GnuTLS, but exported: the clock of its DTLS timers.
extern "C" void _gnutls_global_set_gettime_function(void (*)(struct timespec*));

namespace {

quivive::test::seeded_random stream{1};
const quivive::time_point* virtual_now = nullptr;
bool path_checks_known = true;

/// GnuTLS needs a time of day. This one is in 2026, unless a run lasts for years.
constexpr std::time_t begin_of_time = 1'780'000'000;

std::chrono::nanoseconds since_begin() { return virtual_now->time_since_epoch(); }

void get_time(struct timespec* out)
{
    if (!virtual_now) {
        (void)std::timespec_get(out, TIME_UTC);
        return;
    }
    out->tv_sec = begin_of_time + since_begin().count() / 1'000'000'000;
    out->tv_nsec = since_begin().count() % 1'000'000'000;
}

std::time_t get_seconds(std::time_t* out)
{
    struct timespec now {};
    get_time(&now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

}  // namespace

/// Replaces GnuTLS's own function, also for calls inside GnuTLS: the dynamic linker finds this one first.
extern "C" int gnutls_rnd(gnutls_rnd_level_t, void* data, size_t size)
{
    auto* out = static_cast<unsigned char*>(data);
    for (size_t i = 0; i < size;) {
        const auto word = stream.next();
        const auto part = size - i < sizeof word ? size - i : sizeof word;
        std::memcpy(out + i, &word, part);
        i += part;
    }
    return 0;
}

/// Replaces the registration of extensions in a GnuTLS session in the same way.
extern "C" int gnutls_session_ext_register(gnutls_session_t session, const char* name, int type,
                                           gnutls_ext_parse_type_t when, gnutls_ext_recv_func receive,
                                           gnutls_ext_send_func send, gnutls_ext_deinit_data_func deinit,
                                           gnutls_ext_pack_func pack, gnutls_ext_unpack_func unpack,
                                           unsigned flags)
{
    constexpr int return_routability_check = 61;
    if (type == return_routability_check && !path_checks_known) return 0;
    using function = decltype(&gnutls_session_ext_register);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "gnutls_session_ext_register"));
    return real(session, name, type, when, receive, send, deinit, pack, unpack, flags);
}

namespace quivive::test {

void know_path_checks(bool known) noexcept { path_checks_known = known; }

void seed_tls_random(std::uint64_t seed) noexcept { stream = seeded_random{seed}; }

void use_tls_clock(const time_point* now) noexcept
{
    virtual_now = now;
    _gnutls_global_set_gettime_function(get_time);
    gnutls_global_set_time_function(get_seconds);
}

}  // namespace quivive::test
