#pragma once

#include "quivive/keying.hpp"
#include "tls/text_file.hpp"

#include <gnutls/gnutls.h>

#include <memory>

namespace quivive::tls {

/// Checks `wanted`, and adds its faults to `problems`.
void check_keying(const keying_options& wanted, problem_list& problems);

/// Makes a fresh session negotiate an SRTP profile, if one is requested. Throws
/// `boost::system::system_error`.
void offer_keying(gnutls_session_t session, const keying_options& wanted);

/// Returns the keying material of a session whose handshake is finished; null when none is requested. Throws
/// `boost::system::system_error` when GnuTLS fails: a caller that requested keys must not continue without
/// them.
[[nodiscard]] std::shared_ptr<const keying_material> make_keying(gnutls_session_t session,
                                                                 const keying_options& wanted);

}  // namespace quivive::tls
