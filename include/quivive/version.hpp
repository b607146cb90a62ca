#pragma once

#include <string_view>

#define QUIVIVE_VERSION_MAJOR 0
#define QUIVIVE_VERSION_MINOR 1
#define QUIVIVE_VERSION_PATCH 0

namespace quivive {

/// The version of the library in use, e.g. "0.1.0"; the macros tell that of the headers.
[[nodiscard]] std::string_view version() noexcept;

/// The version of GnuTLS in use, e.g. "3.7.9".
[[nodiscard]] std::string_view gnutls_version() noexcept;

}  // namespace quivive
