#pragma once

#include "tls/handles.hpp"

#include <string>
#include <vector>

namespace quivive::tls {

/// Adds a sentence to `warnings`, which begins with `name`, for each weakness of the certificate: an RSA key
/// of fewer than 2048 bits, and a signature over SHA-1, MD5 or MD2. The signature of a root, which names
/// itself as its issuer, proves nothing with any digest, so it is not checked.
void warn_of_weakness(gnutls_x509_crt_t certificate, const std::string& name,
                      std::vector<std::string>& warnings);

}  // namespace quivive::tls
