#pragma once

#include "quivive/error.hpp"
#include "session/association.hpp"

#include <string>

namespace quivive::runtime {

/// Returns the error code of operations on an association that has ended.
[[nodiscard]] error_code error_of(const sessions::association& ended) noexcept;

/// Returns the close reason as text for the log. Call it once. For a failed handshake the text contains the
/// cause: why a certificate was rejected, or the identity of a peer with a wrong key. The peer does not
/// receive this detail.
[[nodiscard]] std::string explain(sessions::association& ended);

}  // namespace quivive::runtime
