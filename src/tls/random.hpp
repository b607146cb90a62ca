#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace quivive::tls {

/// Fills `out` with bytes fit for keys. Throws `boost::system::system_error` in `tls_category()` when GnuTLS
/// has none.
void fill_random(std::span<std::byte> out);

/// Returns `bytes` random bytes, as twice as many hex digits. Throws as above.
[[nodiscard]] std::string random_hex(std::size_t bytes);

}  // namespace quivive::tls
