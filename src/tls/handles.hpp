#pragma once

#include "quivive/error.hpp"
#include "wire/bytes.hpp"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <boost/system/system_error.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quivive::tls {

/// Throws an error code of GnuTLS as a `boost::system::system_error` of `tls_category()`, with the function's
/// name as `what`. Returns every other code, since some are counts.
inline int check(int code, const char* what)
{
    if (code < 0) throw boost::system::system_error{error_code{code, tls_category()}, what};
    return code;
}

template <auto Free>
struct freed_by {
    template <typename T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};

/// Owns an object of GnuTLS. `Pointer` is GnuTLS's name for its type.
template <typename Pointer, auto Free>
using handle = std::unique_ptr<std::remove_pointer_t<Pointer>, freed_by<Free>>;

using session_handle = handle<gnutls_session_t, gnutls_deinit>;
using priority_handle = handle<gnutls_priority_t, gnutls_priority_deinit>;
using certificate_credentials = handle<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;
using psk_server_credentials = handle<gnutls_psk_server_credentials_t, gnutls_psk_free_server_credentials>;
using psk_client_credentials = handle<gnutls_psk_client_credentials_t, gnutls_psk_free_client_credentials>;
using x509_certificate = handle<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using x509_private_key = handle<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;
using private_key = handle<gnutls_privkey_t, gnutls_privkey_deinit>;
using public_key = handle<gnutls_pubkey_t, gnutls_pubkey_deinit>;

/// Creates an object by GnuTLS's function: `make_handle<session_handle>("gnutls_init", gnutls_init,
/// GNUTLS_SERVER)`.
template <typename Handle, typename Init, typename... Arguments>
[[nodiscard]] Handle make_handle(const char* what, Init init, Arguments... arguments)
{
    typename Handle::pointer object = nullptr;
    check(init(&object, arguments...), what);
    return Handle{object};
}

/// Owns bytes that GnuTLS allocated. Wipes them before it frees them, since many are keys.
class datum {
public:
    datum() noexcept = default;
    datum(datum&& other) noexcept : value_{std::exchange(other.value_, {})} {}
    datum& operator=(datum&& other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~datum() { reset(); }

    /// Returns the output argument for a function of GnuTLS that fills it.
    [[nodiscard]] gnutls_datum_t* out() noexcept
    {
        reset();
        return &value_;
    }
    [[nodiscard]] const gnutls_datum_t& get() const noexcept { return value_; }
    [[nodiscard]] std::span<std::byte> writable() noexcept
    {
        return std::as_writable_bytes(std::span{value_.data, value_.size});
    }
    /// Keeps the first `size` bytes; the bytes behind them were never written.
    void shrink(std::size_t size) noexcept { value_.size = static_cast<unsigned>(size); }

    [[nodiscard]] wire::bytes bytes() const noexcept
    {
        return std::as_bytes(std::span{value_.data, value_.size});
    }
    [[nodiscard]] std::string_view text() const noexcept { return wire::as_text(bytes()); }

private:
    void reset() noexcept
    {
        if (value_.data != nullptr) gnutls_memset(value_.data, 0, value_.size);
        gnutls_free(value_.data);
        value_ = {};
    }

    gnutls_datum_t value_{};
};

/// Returns a view for GnuTLS, whose type has no const; GnuTLS does not write through it.
[[nodiscard]] inline gnutls_datum_t as_datum(wire::bytes data) noexcept
{
    auto* bytes = const_cast<std::byte*>(data.data());
    return {reinterpret_cast<unsigned char*>(bytes), static_cast<unsigned>(data.size())};
}

[[nodiscard]] inline gnutls_datum_t as_datum(std::string_view text) noexcept
{
    return as_datum(wire::as_bytes(text));
}

}  // namespace quivive::tls
