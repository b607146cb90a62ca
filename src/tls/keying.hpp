#pragma once

#include "quivive/keying.hpp"
#include "tls/text_file.hpp"

#include <gnutls/gnutls.h>

#include <memory>

namespace quivive::tls {

/// Adds what is wrong with `wanted` to `problems`.
void check_keying(const keying_options& wanted, problem_list& problems);

/// Has a fresh session agree on an SRTP profile, if any is wanted. Throws `boost::system::system_error`.
void offer_keying(gnutls_session_t session, const keying_options& wanted);

/// What a session whose handshake is finished gives; null when nothing is wanted. Throws
/// `boost::system::system_error` when GnuTLS fails: whoever asked for keys must not go on with none.
[[nodiscard]] std::shared_ptr<const keying_material> make_keying(gnutls_session_t session,
                                                                 const keying_options& wanted);

}  // namespace quivive::tls
