#pragma once

#include <cstddef>
#include <span>

namespace quivive::tls {

/// Fills with bytes fit for keys. Throws `boost::system::system_error` in `tls_category()` when GnuTLS has
/// none.
void fill_random(std::span<std::byte> out);

}  // namespace quivive::tls
