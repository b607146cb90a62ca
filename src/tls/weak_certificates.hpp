#pragma once

#include "tls/handles.hpp"

#include <string>
#include <vector>

namespace quivive::tls {

/// Adds a sentence to `warnings`, which begins with `name`, when the certificate has an RSA key of fewer than
/// 2048 bits, and one when it was signed over SHA-1 or MD5. The signature of a root, which names itself as
/// its issuer, proves nothing, whatever it is made over, so that is not looked at.
void warn_of_weakness(gnutls_x509_crt_t certificate, const std::string& name,
                      std::vector<std::string>& warnings);

}  // namespace quivive::tls
