#include "quivive/version.hpp"

#include <gnutls/gnutls.h>

namespace quivive {

std::string_view gnutls_version() noexcept { return gnutls_check_version(nullptr); }

}  // namespace quivive
