#pragma once

#include "tls/cookie_functions.hpp"

#include <memory>

namespace quivive::tls {

/// Returns the exchange by GnuTLS's `gnutls_dtls_cookie_verify` and `gnutls_dtls_cookie_send`. Null in a
/// build without cookies (-DQUIVIVE_COOKIES=NEVER), which references neither.
[[nodiscard]] std::unique_ptr<const cookie_functions> make_gnutls_cookies();

}  // namespace quivive::tls
