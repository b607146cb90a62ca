#pragma once

#include <string_view>

#define QUIVIVE_VERSION_MAJOR 0
#define QUIVIVE_VERSION_MINOR 1
#define QUIVIVE_VERSION_PATCH 0

namespace quivive {

/// Returns the version of the library in use, e.g. "0.1.0". The macros give the version of the headers.
[[nodiscard]] std::string_view version() noexcept;

/// Returns the version of GnuTLS in use, e.g. "3.7.9".
[[nodiscard]] std::string_view gnutls_version() noexcept;

}  // namespace quivive
